import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

/**
 * Two attacks reach a server on loopback through its owner's browser, and neither needs a password:
 * a foreign page that sends requests to it (cross-site), and a foreign name that is made to point here, which turns the
 * attacker's page into the same origin (DNS rebinding). Origin and Sec-Fetch-Site tell the first, Host the second:
 * a public name never belongs to this machine as long as only loopback and its own proxy are served.
 */

/** Suffixes that only local networks answer for, so that no foreign page can come from there. */
const privateSuffixes = [
  '.local',
  '.lan',
  '.home',
  '.internal',
  '.localdomain',
  '.home.arpa',
  '.localhost',
  '.fritz.box',
]

const hostName = (host: string): string =>
  host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()

/** True for an address, a name without dots, and names that exist in local networks only. */
export const isLocalHost = (host: string): boolean => {
  const name = hostName(host)
  return isIP(name) !== 0 || !name.includes('.') || privateSuffixes.some((suffix) => name.endsWith(suffix))
}

/** Both as the browser writes them: without the scheme's default port. */
const sameHost = (origin: string, host: string): boolean => {
  try {
    const from = new URL(origin)
    return from.host !== '' && from.host === new URL(`${from.protocol}//${host}`).host
  } catch {
    return false
  }
}

/** True when a page that this server did not bring sends the request. Programs send no Origin, and pass. */
export const isForeign = (headers: IncomingHttpHeaders): boolean => {
  if (headers['sec-fetch-site'] === 'cross-site') return true
  return headers.origin !== undefined && !sameHost(headers.origin, headers.host ?? '')
}
