import { createHash, timingSafeEqual } from 'node:crypto'
import { MoonkeeperError } from '../contract/error.js'
import type { Credential } from '../contract/requester.js'
import type { Clock } from '../system/clock.js'
import type { Policy } from './policy.js'
import { issueToken, readToken, type Claims, type SigningKey } from './tokens.js'
import type { Users } from './users.js'

/** Seconds. compat: as Moonraker's. */
const accessLifetime = 3600
const day = 24 * 3600

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Without telling by its duration how much of it is right. */
const sameText = (given: string, expected: string): boolean =>
  timingSafeEqual(digest(given), digest(expected))

/** Turns what a client shows into a credential, and makes what it may show. */
export class Keyring {
  constructor(
    private readonly policy: () => Policy,
    private readonly users: Users,
    private readonly clock: Clock,
    private readonly issuer: string,
  ) {}

  /** @throws unauthorized */
  fromApiKey(key: string): Credential {
    if (!this.policy().settings.enableApiKey)
      throw new MoonkeeperError('unauthorized', 'API Key authentication is disabled')
    if (!sameText(key, this.users.apiKey)) throw new MoonkeeperError('unauthorized', 'Invalid API Key')
    return { kind: 'key', key: this.users.apiKey }
  }

  /** @throws unauthorized, refused, ExpiredToken */
  fromAccessToken(token: string): Credential {
    return this.credentialOf(this.read(token, 'access'))
  }

  /** @throws unauthorized, refused, ExpiredToken */
  fromRefreshToken(token: string): Claims {
    return this.read(token, 'refresh')
  }

  /** compat: an hour, whenever it began. A login is over when its refresh token is, also for a socket. */
  credentialOf({ username, keyId, authTime }: Claims): Credential {
    return { kind: 'user', name: username, keyId, until: (authTime + this.loginLifetime) * 1000 }
  }

  accessToken(username: string, key: SigningKey, authTime: number): string {
    return this.issue(username, key, authTime, 'access', accessLifetime)
  }

  refreshToken(username: string, key: SigningKey, authTime: number): string {
    return this.issue(username, key, authTime, 'refresh', this.loginLifetime)
  }

  /** Unix time in whole seconds. */
  get now(): number {
    return Math.floor(this.clock.now() / 1000)
  }

  private get loginLifetime(): number {
    return this.policy().settings.loginTimeout * day
  }

  private issue(
    username: string,
    key: SigningKey,
    authTime: number,
    type: 'access' | 'refresh',
    lifetime: number,
  ): string {
    return issueToken({ username, key, type, issuer: this.issuer, now: this.now, lifetime, authTime })
  }

  private read(token: string, type: 'access' | 'refresh'): Claims {
    const claims = readToken(token, type, this.issuer, this.now, (id) => this.users.signingKey(id))
    const user = this.users.find(claims.username)
    if (user?.signing_key?.id !== claims.keyId) throw new MoonkeeperError('unauthorized', 'Unknown user')
    return claims
  }
}
