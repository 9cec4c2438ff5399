import { isIP } from 'node:net'

/** An address, or a range of them. */
export interface Network {
  readonly family: 'ipv4' | 'ipv6'
  readonly address: string
  /** Bits that count: 32 or 128 for a single address. */
  readonly prefix: number
}

/** `fe80::1%eth0` without the name of its interface, which only this machine knows. */
const withoutZone = (text: string): string => text.replace(/%[\w.:-]+$/, '')

/** The last 32 bits of an IPv6 address as IPv4. */
const asIpv4 = (high: string, low: string): string => {
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [first >> 8, first & 255, second >> 8, second & 255].join('.')
}

/**
 * An address in the one form in which it can be compared: IPv6 in its shortest, and IPv4 that came through an IPv6 socket
 * (`::ffff:10.0.0.1`) as IPv4.
 * @returns null when the text is no address
 */
export const canonicalAddress = (text: string): string | null => {
  const bare = withoutZone(text)
  const family = isIP(bare)
  if (family !== 6) return family === 4 ? bare : null
  const shortest = new URL(`http://[${bare}]/`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(shortest)
  return mapped === null ? shortest : asIpv4(mapped[1] ?? '', mapped[2] ?? '')
}

/** The bits of an address as a number. */
const bitsOf = (address: string, family: Network['family']): bigint => {
  if (family === 'ipv4') return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
  const [head = '', tail] = address.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const [front, back] = [groups(head), groups(tail ?? '')]
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0')
  const all = tail === undefined ? front : [...front, ...zeros, ...back]
  return all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n)
}

/** `24`, or for IPv4 `255.255.255.0`. @returns null when it is neither */
const prefixOf = (text: string, family: Network['family']): number | null => {
  const width = family === 'ipv4' ? 32 : 128
  if (/^\d{1,3}$/.test(text)) return Number(text) <= width ? Number(text) : null
  if (family === 'ipv6' || isIP(text) !== 4) return null
  const ones = bitsOf(text, 'ipv4').toString(2).padStart(32, '0')
  return /^1*0*$/.test(ones) ? ones.replace(/0*$/, '').length : null
}

/** compat: a range must be written with its first address, as Python wants it. */
const isFirst = (address: string, family: Network['family'], prefix: number): boolean => {
  const rest = (family === 'ipv4' ? 32n : 128n) - BigInt(prefix)
  return bitsOf(address, family) % (1n << rest) === 0n
}

/** @returns null when the text is none; 'inside' when it is a range whose address lies within it */
export const parseNetwork = (text: string): Network | 'inside' | null => {
  const [written = '', mask, ...rest] = text.split('/')
  const address = canonicalAddress(written)
  if (address === null || rest.length > 0 || written.includes('%')) return null
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
  if (mask === undefined) return { family, address, prefix: family === 'ipv4' ? 32 : 128 }
  const prefix = prefixOf(mask, family)
  if (prefix === null) return null
  return isFirst(address, family, prefix) ? { family, address, prefix } : 'inside'
}
