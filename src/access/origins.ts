import { isIP } from 'node:net'
import { canonicalAddress } from '../config/networks.js'
import type { Matcher } from './networks.js'

/** As a browser writes it: nothing behind the host and port, nobody before it. */
const isOrigin = (text: string): boolean =>
  text.length <= 512 && /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@\\]+$/i.test(text)

/** `*` stands for any text. Its parts are looked for one after the other, so that no pattern takes longer than it is long. */
const matches = (pattern: string, text: string): boolean => {
  const [first = '', ...rest] = pattern.split('*')
  if (!text.startsWith(first)) return false
  const last = rest.pop()
  if (last === undefined) return text === first
  let from = first.length
  for (const part of rest) {
    const found = text.indexOf(part, from)
    if (found < 0) return false
    from = found + part.length
  }
  return text.length - last.length >= from && text.endsWith(last)
}

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
export const originMatcher =
  (domains: readonly string[], isTrusted: Matcher): ((origin: string) => boolean) =>
  (origin) => {
    if (domains.length === 0 || !isOrigin(origin)) return false
    if (domains.some((domain) => matches(domain, origin))) return true
    const address = addressIn(origin)
    return address !== null && isTrusted(address)
  }
