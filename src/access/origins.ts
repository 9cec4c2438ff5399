import { isIP } from 'node:net'
import { canonicalAddress } from '../config/networks.js'
import type { Matcher } from './networks.js'

/** As a browser writes it: nothing behind the host and port, nobody before it. */
const isOrigin = (text: string): boolean =>
  text.length <= 512 && /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@\\]+$/i.test(text)

const patternOf = (domain: string): RegExp => new RegExp(`^${domain.split('*').map(escaped).join('.*')}$`)

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

const addressIn = (origin: string): string | null => {
  const host = /^https?:\/\/(\[[^\]]+\]|[^:]+)(?::\d+)?$/.exec(origin)?.[1] ?? ''
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  return isIP(bare) === 0 ? null : canonicalAddress(bare)
}

/**
 * Tells whose pages may use the API from another origin.
 * compat: with any domain configured, pages that come from trusted addresses may too.
 * @param domains `*` stands for anything; an origin is matched whole
 */
export const originMatcher = (
  domains: readonly string[],
  isTrusted: Matcher,
): ((origin: string) => boolean) => {
  const patterns = domains.map(patternOf)
  return (origin) => {
    if (patterns.length === 0 || !isOrigin(origin)) return false
    if (patterns.some((pattern) => pattern.test(origin))) return true
    const address = addressIn(origin)
    return address !== null && isTrusted(address)
  }
}
