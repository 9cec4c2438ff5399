import type { IncomingHttpHeaders } from 'node:http'
import { canonicalAddress } from '../config/networks.js'
import { MoonkeeperError } from '../contract/error.js'
import type { Caller, Credential } from '../contract/requester.js'
import { localCaller, type Callers } from './callers.js'
import type { Keyring } from './keyring.js'
import type { OneShotTokens } from './one-shot-tokens.js'
import type { Policy } from './policy.js'
import { clientAddress } from './proxies.js'
import { ExpiredToken } from './tokens.js'
import type { TrustedNames } from './trusted-names.js'

/** A request over HTTP, or the one that opens a WebSocket. */
export interface Request {
  /** The other end of the connection; undefined when it is gone. */
  readonly peer: string | undefined
  readonly headers: IncomingHttpHeaders
  /** After the question mark, without it. */
  readonly query: string
  /** What was shown in the body: then nothing else counts. null: nothing was. */
  readonly shown?: string | null
}

export interface Arrival {
  readonly caller: Caller
  /** It showed something that is no good: refused, whatever its address. Null when it did not. */
  readonly refusal: MoonkeeperError | null
  /** The same where nobody needs to be known: a token that only ran out is none there. */
  readonly refusalWhereOpen: MoonkeeperError | null
}

/** What the doors ask before they let anybody in. */
export interface Gate {
  /** Who sends a request. */
  arrive(request: Request): Promise<Arrival>
  /** Who is at the other end of the Unix socket. */
  local(): Caller
  /** Whether a Host header is one that we answer to. */
  answersTo(host: string): boolean
  /** Whether a page from there may use the API: `cors_domains`. */
  allowsOrigin(origin: string): boolean
}

export interface GateParts {
  readonly policy: () => Policy
  readonly callers: Callers
  readonly keyring: Keyring
  readonly oneShot: OneShotTokens
  readonly names: TrustedNames
  /** Our own names, in lower case. */
  readonly ours: () => readonly string[]
}

const last = (query: string, name: string): string | null =>
  query.includes(name) ? (new URLSearchParams(query).getAll(name).at(-1) ?? null) : null

const only = (header: string | string[] | undefined): string | null =>
  header === undefined ? null : [header].flat().join(', ')

/** compat: another scheme than Bearer is no token, and then none is looked for elsewhere. */
const webTokenIn = ({ headers, query }: Request): string | null => {
  const { authorization } = headers
  if (authorization !== undefined) return authorization.startsWith('Bearer ') ? authorization.slice(7) : null
  return only(headers['x-access-token']) ?? last(query, 'access_token')
}

/** compat: a key or one-shot token that is wrong is none; a web token that is wrong is refused. */
class CredentialReading {
  constructor(
    private readonly parts: GateParts,
    private readonly request: Request,
    private readonly address: string | null,
  ) {}

  /** @throws MoonkeeperError for a web token that is no good */
  read(): Credential | null {
    const { shown } = this.request
    if (shown !== undefined) return shown === null ? null : this.either(shown)
    const token = webTokenIn(this.request)
    if (token !== null && token !== '') return this.parts.keyring.fromAccessToken(token)
    return this.oneShot() ?? this.key()
  }

  /** What is given in one place must be good. @throws unauthorized */
  private either(shown: string): Credential {
    const { keyring } = this.parts
    return shown.includes('.') ? keyring.fromAccessToken(shown) : keyring.fromApiKey(shown)
  }

  private oneShot(): Credential | null {
    const token = last(this.request.query, 'token')
    return token === null ? null : (this.parts.oneShot.take(token, this.address) ?? null)
  }

  private key(): Credential | null {
    const key = only(this.request.headers['x-api-key'])
    if (key === null || key === '') return null
    try {
      return this.parts.keyring.fromApiKey(key)
    } catch {
      return null
    }
  }
}

/** compat: whatever is wrong with a token, this is all that is said over HTTP. */
const unauthorized = (): MoonkeeperError => new MoonkeeperError('unauthorized', 'Unauthorized')

export const createGate = (parts: GateParts): Gate => ({
  arrive: async (request) => {
    const { settings, isProxy, isTrusted } = parts.policy()
    const peer = canonicalAddress(request.peer ?? '')
    const address = peer === null ? null : clientAddress({ ...request, peer }, isProxy, parts.ours())
    if (address !== null && !isTrusted(address)) await parts.names.learn(settings.trustedNames)
    try {
      const credential = new CredentialReading(parts, request, address).read()
      return { caller: parts.callers.at(address, credential), refusal: null, refusalWhereOpen: null }
    } catch (thrown) {
      const caller = parts.callers.at(address, null)
      const refusal = unauthorized()
      return { caller, refusal, refusalWhereOpen: thrown instanceof ExpiredToken ? null : refusal }
    }
  },
  local: localCaller,
  answersTo: (host) => parts.policy().answersTo(host),
  allowsOrigin: (origin) => parts.policy().allowsOrigin(origin),
})
