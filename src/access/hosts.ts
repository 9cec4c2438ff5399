import { isIP } from 'node:net'

/** A Host header without its port. */
export const hostNameOf = (host: string): string =>
  host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()

/**
 * DNS rebinding: a foreign name that is made to point here turns the attacker's page into the same origin. Only names that
 * nobody outside can have are answered: addresses, localhost, our own names, `.local`, and what was configured.
 * @param ours our own names, in lower case
 * @param isConfigured tells whether an origin is one of `cors_domains`
 */
export const hostMatcher =
  (ours: readonly string[], isConfigured: (origin: string) => boolean) =>
  (host: string): boolean => {
    const name = hostNameOf(host)
    if (isIP(name) !== 0 || name === 'localhost' || ours.includes(name)) return true
    if (!/^[\w.-]+$/.test(name)) return false
    return name.endsWith('.local') || [`http://${host}`, `https://${host}`].some(isConfigured)
  }
