import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { canonicalAddress } from '../config/networks.js'
import { hostNameOf } from './hosts.js'
import type { Matcher } from './networks.js'

/** What a connection tells of where it comes from. */
export interface Provenance {
  /** The other end of the connection, canonical. */
  readonly peer: string
  readonly headers: IncomingHttpHeaders
}

/** Headers by which a proxy shows that it is one. */
const marks = [
  'via',
  'forwarded',
  'x-forwarded-for',
  'x-real-ip',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-server',
  'x-scheme',
]

const textOf = (header: string | string[] | undefined): string | null =>
  header === undefined ? null : [header].flat().join(',')

/** The chain of X-Forwarded-For, the nearest last. @returns null when one of them is no address */
const chainOf = (header: string): readonly string[] | null => {
  const chain = header.split(',').map((part) => canonicalAddress(part.trim()))
  return chain.includes(null) ? null : (chain as readonly string[])
}

/** The right-most that is no proxy; all of them are: the one the chain began with. */
const clientIn = (chain: readonly string[], isProxy: Matcher): string | null =>
  chain.findLast((address) => !isProxy(address)) ?? chain[0] ?? null

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.')

/**
 * A proxy on this machine that tells nothing of its clients makes them all look like this machine. It gives itself away by
 * the name under which it was asked: who goes to loopback directly calls it loopback, or by our own name.
 */
const looksForwarded = ({ peer, headers }: Provenance, ours: readonly string[]): boolean => {
  if (marks.some((mark) => headers[mark] !== undefined)) return true
  if (!isLoopback(peer) || headers.host === undefined) return false
  const name = hostNameOf(headers.host)
  if (isIP(name) !== 0) return !isLoopback(canonicalAddress(name) ?? '')
  return name !== 'localhost' && !ours.includes(name)
}

/** The one address that a header names; null when it names none, or several. */
const onlyIn = (header: string): string | null => {
  const chain = chainOf(header)
  return chain?.length === 1 ? (chain[0] ?? null) : null
}

/** What both headers say: null when they cannot both be true, because one of them then came from the client itself. */
const agreed = (forwarded: string, real: string | null, isProxy: Matcher): string | null => {
  const client = clientIn(chainOf(forwarded) ?? [], isProxy)
  if (real === null) return client
  // Of a row of proxies each may name the one before it.
  const other = onlyIn(real)
  return other !== null && (other === client || isProxy(other)) ? client : null
}

/**
 * Whose request it is: the right-most address of X-Forwarded-For that is no proxy, else X-Real-IP.
 * @param isProxy tells whose word about others counts
 * @returns null when a proxy sent it and does not tell for whom, or tells it in a way that cannot be believed
 */
export const clientAddress = (from: Provenance, isProxy: Matcher, ours: readonly string[]): string | null => {
  const { peer, headers } = from
  if (!isProxy(peer)) return peer
  const forwarded = textOf(headers['x-forwarded-for'])
  const real = textOf(headers['x-real-ip'])
  if (forwarded !== null) return agreed(forwarded, real, isProxy)
  if (real !== null) return onlyIn(real)
  return looksForwarded(from, ours) ? null : peer
}
