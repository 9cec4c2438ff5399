import type { IncomingHttpHeaders } from 'node:http'

/** Both as the browser writes them: without the scheme's default port. */
const sameHost = (origin: string, host: string): boolean => {
  try {
    const from = new URL(origin)
    return from.host !== '' && from.host === new URL(`${from.protocol}//${host}`).host
  } catch {
    return false
  }
}

/**
 * True when a page that this server did not bring sends the request: it uses its reader's rights. Programs send no Origin,
 * and pass. The other way in, a foreign name that points here, is the Host header's matter: see src/access/hosts.ts.
 */
export const isForeign = (headers: IncomingHttpHeaders): boolean => {
  if (headers['sec-fetch-site'] === 'cross-site') return true
  return headers.origin !== undefined && !sameHost(headers.origin, headers.host ?? '')
}
