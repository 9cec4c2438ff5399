import { request as httpRequest, STATUS_CODES, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import type { Readable } from 'node:stream'
import { MoonkeeperError } from '../contract/error.js'

/** The web as far as it is needed to find out where a repository moved to. */
export interface Http {
  /**
   * Follows redirects and tells the final address.
   * Only to https, or to the host that was asked, and at most five times.
   * @returns null when the address does not answer with success
   */
  finalAddress(url: string, signal?: AbortSignal): Promise<string | null>
}

/** Decides what may be asked, at every redirect and in the look-up of the very socket that is opened. */
export interface AddressGuard {
  /** @throws refused */
  checkUrl(url: URL): void
  /** @param host as in the address; `address` is what it led to @throws refused */
  checkAddress(host: string, address: string): void
}

export interface HttpOptions {
  readonly guard?: AddressGuard | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as a bearer token, to the origin that was asked only, and only over https (loopback excepted). */
  readonly token?: string | undefined
  /** Ends the body too. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until the answer begins. Default 30 000. */
  readonly answerLimit?: number
}

export interface HttpAnswer {
  readonly status: number
  /** null when there is no such header. */
  header(name: string): string | null
  /**
   * Fails when it is cut before its end, where the answer tells its length. Whoever does not read it to its end
   * destroys it.
   */
  readonly body: Readable
}

/** The web for reading. */
export interface HttpClient {
  /**
   * Asks, and follows redirects as mayFollow says, at most five times. Any status but a redirect is an answer.
   * @throws remote_failed when nothing answers; refused when a redirect must not be followed; the signal's reason
   */
  get(url: string, options?: HttpOptions): Promise<HttpAnswer>
}

/** The cause of an error that came of an answer which was not what was asked for. */
export class StatusAnswer extends Error {
  constructor(readonly status: number) {
    super(`HTTP ${status}: ${STATUS_CODES[status] ?? 'Unknown'}`)
  }
}

const finalAddressLimit = 10_000
const defaultAnswerLimit = 30_000
const maxRedirects = 5
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)

/**
 * True when an address that another one named may be asked: over https, or over http on the host that was asked over
 * http itself. Programs on this machine may send to each other.
 */
export const mayFollow = (from: URL, to: URL): boolean => {
  if (to.username !== '' || to.password !== '') return false
  if (to.protocol === 'https:') return true
  if (to.protocol !== 'http:') return false
  return (from.protocol === 'http:' && to.host === from.host) || (isLoopback(from) && isLoopback(to))
}

const failed = (url: URL, thrown: unknown): MoonkeeperError => {
  if (thrown instanceof MoonkeeperError) return thrown
  const { code, message } = thrown as NodeJS.ErrnoException
  return new MoonkeeperError(
    'remote_failed',
    `Could not reach ${url.host} (${code ?? message}). Is the network up? Try again later.`,
    thrown,
  )
}

/** Why it was aborted, as an error. */
export const abortError = ({ reason }: AbortSignal): Error =>
  reason instanceof Error ? reason : new Error('aborted')

/** A look-up whose answer is looked at before it is used: no second look-up can lead elsewhere. */
const guardedLookup =
  (guard: AddressGuard): LookupFunction =>
  (host, options, done) => {
    lookup(host, { ...options, all: true }, (thrown, found) => {
      try {
        if (thrown !== null) throw thrown
        for (const { address } of found) guard.checkAddress(host, address)
      } catch (refusal) {
        done(refusal as NodeJS.ErrnoException, '', 0)
        return
      }
      const [first] = found
      if (options.all === true) done(null, found)
      else done(null, first?.address ?? '', first?.family ?? 4)
    })
  }

/** An address in the place of a name is looked up by nobody. */
const guarding = (url: URL, guard: AddressGuard | undefined): { readonly lookup?: LookupFunction } => {
  if (guard === undefined) return {}
  guard.checkUrl(url)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) guard.checkAddress(host, host)
  return { lookup: guardedLookup(guard) }
}

const send = (
  url: URL,
  headers: Readonly<Record<string, string>>,
  options: HttpOptions,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const limit = options.answerLimit ?? defaultAnswerLimit
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest
    const { signal } = options
    const lookups = guarding(url, options.guard)
    const outgoing = request(url, { headers, ...lookups, ...(signal === undefined ? {} : { signal }) })
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer in ${limit / 1000} s`)), limit)
    outgoing.on('response', (answer) => {
      clearTimeout(timer)
      resolve(answer)
    })
    outgoing.on('error', (thrown) => {
      clearTimeout(timer)
      reject(signal?.aborted === true ? abortError(signal) : failed(url, thrown))
    })
    outgoing.end()
  })

const headersFor = (asked: URL, url: URL, options: HttpOptions): Record<string, string> => {
  const headers = { 'user-agent': 'moonkeeper', ...options.headers }
  const secure = url.protocol === 'https:' || isLoopback(url)
  if (options.token === undefined || url.origin !== asked.origin || !secure) return headers
  return { ...headers, authorization: `Bearer ${options.token}` }
}

const parse = (address: string, base?: URL): URL => {
  const url = URL.canParse(address, base?.href) ? new URL(address, base) : null
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  const who = base === undefined ? 'This' : `${base.host} redirects to what`
  throw new MoonkeeperError('refused', `${who} is no address of the web. Nothing was fetched.`)
}

const nextOf = (current: URL, location: string): URL => {
  const next = parse(location, current)
  if (mayFollow(current, next)) return next
  throw new MoonkeeperError(
    'refused',
    `${current.host} redirects to ${next.protocol}//${next.host}, which is not followed: only https is. ` +
      'Look whether the address is right.',
  )
}

const follow = async (
  address: string,
  options: HttpOptions,
): Promise<{ readonly url: URL; readonly response: IncomingMessage }> => {
  const asked = parse(address)
  let url = asked
  for (let hop = 0; hop <= maxRedirects; hop += 1) {
    const response = await send(url, headersFor(asked, url, options), options)
    const { location } = response.headers
    if (!redirects.has(response.statusCode ?? 0) || location === undefined) return { url, response }
    response.destroy()
    url = nextOf(url, location)
  }
  throw new MoonkeeperError(
    'refused',
    `${asked.host} redirects more than ${maxRedirects} times. Nothing was fetched.`,
  )
}

const headerOf = (response: IncomingMessage, name: string): string | null => {
  const value = response.headers[name]
  return Array.isArray(value) ? value.join(', ') : (value ?? null)
}

export const systemHttp: Http & HttpClient = {
  async get(url, options = {}) {
    options.signal?.throwIfAborted()
    const { response } = await follow(url, options)
    return { status: response.statusCode ?? 0, header: (name) => headerOf(response, name), body: response }
  },

  async finalAddress(url, signal) {
    const limit = AbortSignal.timeout(finalAddressLimit)
    try {
      const end = await follow(url, { signal: signal ? AbortSignal.any([signal, limit]) : limit })
      end.response.destroy()
      const { statusCode = 0 } = end.response
      return statusCode >= 200 && statusCode < 300 ? end.url.href : null
    } catch {
      // No network, a bad address, a time-out: then nothing is known of a move.
      return null
    }
  },
}
