import type { MethodMap } from '../contract/generated/types.js'
import { MoonkeeperError } from '../contract/error.js'
import type { Caller, Requester } from '../contract/requester.js'
import type { Clock } from '../system/clock.js'
import type { Attempts } from './attempts.js'
import type { Keyring } from './keyring.js'
import type { OneShotTokens } from './one-shot-tokens.js'
import type { Passwords } from './passwords.js'
import { isReserved, type Policy } from './policy.js'
import { createSigningKey, type SigningKey } from './tokens.js'
import type { User, Users } from './users.js'

/** What is told of users. Their own sockets hear the end of their rights, and nothing after it. */
export type UserNews =
  'notify_user_created' | 'notify_user_deleted' | 'notify_user_logged_in' | 'notify_user_logged_out'

export interface AccountParts {
  readonly policy: () => Policy
  readonly users: Users
  readonly passwords: Passwords
  readonly keyring: Keyring
  readonly oneShot: OneShotTokens
  readonly attempts: Attempts
  readonly clock: Clock
  readonly tell: (news: UserNews, username: string) => void
}

type Params<M extends keyof MethodMap> = MethodMap[M]['params']
type Result<M extends keyof MethodMap> = MethodMap[M]['result']

/** compat: where passwords are checked. */
const source = 'moonraker'
const longestName = 128

const refused = (message: string): MoonkeeperError => new MoonkeeperError('refused', message)

/** What a client sent, as far as it is worth repeating. */
const shown = (name: string): string => (name.length > longestName ? `${name.slice(0, longestName)}…` : name)

const isName = (name: string): boolean =>
  name !== '' && name.length <= longestName && !/[\p{Cc}\p{Cs}]/u.test(name)

/** As they are now, if they still are who proved to be that: not deleted and made anew, nor with another password. */
const same = (now: User, then: User): User => {
  if (now.password.hash === then.password.hash) return now
  throw refused('Invalid Password')
}

/** The verbs of access.*: what they refuse they refuse with Moonraker's words. */
export class Accounts {
  constructor(private readonly parts: AccountParts) {}

  info({ address, requester }: Caller): Result<'access.info'> {
    const { settings, isTrusted } = this.parts.policy()
    const trusted = requester?.kind === 'trusted' || (address !== null && isTrusted(address))
    return {
      default_source: source,
      available_sources: [source],
      login_required: settings.forceLogins && this.parts.users.any,
      trusted: requester?.kind === 'local' ? null : trusted,
    }
  }

  /**
   * server.connection.identify: what is shown there opens the connection.
   * compat: a key that nobody needs is not looked at.
   * @throws unauthorized, refused
   */
  identify(
    caller: Caller,
    { access_token: token, api_key: key }: Params<'server.connection.identify'>,
  ): void {
    const { requester } = caller
    if (requester?.kind === 'local') return
    if (token !== undefined) {
      caller.credential = this.parts.keyring.fromAccessToken(token)
      return
    }
    if (key !== undefined && (requester === null || this.parts.policy().hasScopes))
      this.identifyByKey(caller, key, requester)
    else if (requester === null) throw new MoonkeeperError('unauthorized', 'Unauthorized')
  }

  /** @throws unauthorized, refused, busy */
  async login(caller: Caller, params: Params<'access.login'>): Promise<Result<'access.login'>> {
    const { attempts, policy } = this.parts
    const from = caller.requester?.kind === 'local' ? null : (caller.address ?? 'unknown')
    const user = await attempts.count(from, policy().settings.maxLoginAttempts, () => this.checked(params))
    return this.loggedIn(user, caller)
  }

  /** @throws refused */
  async logout({ requester }: Caller): Promise<Result<'access.logout'>> {
    const username = this.ownName(requester, 'No user logged in', 'Invalid log out request for user')
    await this.parts.users.update(username, (user) => ({ ...user, signing_key: null }))
    this.parts.tell('notify_user_logged_out', username)
    return { username, action: 'user_logged_out' }
  }

  current({ requester }: Caller): Result<'access.get_user'> {
    const { name = null, createdOn = null } = requester ?? {}
    return { username: name, source: name === null ? null : source, created_on: createdOn }
  }

  /** @throws refused, bad_argument, busy, no_space */
  async create(params: Params<'access.post_user'>): Promise<Result<'access.post_user'>> {
    const { users, passwords, clock } = this.parts
    const { username } = params
    this.checkSource(params, 'refused', 'Invalid Request to create new LDAP User')
    if (!isName(username))
      throw new MoonkeeperError(
        'bad_argument',
        `A user's name has 1 to ${longestName} characters, none of them a control character: choose another one`,
      )
    if (users.find(username) !== null) throw refused(`User ${username} already exists`)
    const password = await passwords.hash(params.password)
    const key = createSigningKey()
    await users.add({ username, created_on: clock.now() / 1000, password, signing_key: key })
    this.parts.tell('notify_user_created', username)
    return { username, ...this.tokens(username, key), action: 'user_created' }
  }

  /** @throws refused */
  async delete({ requester }: Caller, username: string): Promise<Result<'access.delete_user'>> {
    if (requester?.name === username) throw refused(`Cannot delete logged in user ${shown(username)}`)
    if (isReserved(username)) throw refused(`Invalid Request for reserved user ${username}`)
    if (this.parts.users.find(username) === null) throw refused(`No registered user: ${shown(username)}`)
    await this.parts.users.remove(username)
    this.parts.tell('notify_user_deleted', username)
    return { username, action: 'user_deleted' }
  }

  list(): Result<'access.users.list'> {
    const users = this.parts.users.all.map(({ username, created_on }) => ({ username, source, created_on }))
    return { users }
  }

  /** @throws refused, bad_argument, busy */
  async changePassword(
    { requester }: Caller,
    given: Params<'access.user.password'>,
  ): Promise<Result<'access.user.password'>> {
    const { users, passwords } = this.parts
    const username = this.ownName(requester, 'No Current User', 'Invalid Reset Request for user')
    const user = users.find(username)
    if (user === null || !(await passwords.matches(given.password, user.password)))
      throw refused('Invalid Password')
    const password = await passwords.hash(given.new_password)
    await users.update(username, (now) => ({ ...same(now, user), password }))
    return { username, action: 'user_password_reset' }
  }

  /** @throws unauthorized */
  refresh(token: string): Result<'access.refresh_jwt'> {
    const { keyring, users } = this.parts
    try {
      const { username, keyId, authTime } = keyring.fromRefreshToken(token)
      const key = users.signingKey(keyId)
      if (key === null) throw refused('User not logged in')
      return {
        username,
        token: keyring.accessToken(username, key, authTime),
        source,
        action: 'user_jwt_refresh',
      }
    } catch {
      throw new MoonkeeperError('unauthorized', 'Invalid Refresh Token')
    }
  }

  /** @throws refused where there is no address that it could be bound to */
  oneShotToken({ address, credential }: Caller): string {
    if (address === null)
      throw refused(
        'A one-shot token is bound to an address, and yours is not known: ask over HTTP or a WebSocket',
      )
    return this.parts.oneShot.issue(address, credential)
  }

  apiKey(): string {
    return this.parts.users.apiKey
  }

  async renewApiKey(caller: Caller): Promise<string> {
    await this.parts.users.renewApiKey()
    const key = this.apiKey()
    if (caller.credential?.kind === 'key') caller.credential = { kind: 'key', key }
    return key
  }

  private identifyByKey(caller: Caller, key: string, requester: Requester | null): void {
    try {
      caller.credential = this.parts.keyring.fromApiKey(key)
    } catch (thrown) {
      if (requester === null) throw thrown
    }
  }

  private checkSource(
    { username, source: given }: { readonly username: string; readonly source?: string },
    kind: 'refused' | 'unauthorized',
    ldap: string,
  ): void {
    const wanted = given?.toLowerCase() ?? source
    if (wanted !== source && wanted !== 'ldap') throw refused(`Invalid 'source': ${shown(wanted)}`)
    if (isReserved(username)) throw refused(`Invalid Request for user ${username}`)
    if (wanted === 'ldap') throw new MoonkeeperError(kind, ldap)
  }

  /** The user whose password that is. */
  private async checked(params: Params<'access.login'>): Promise<User> {
    const { users, passwords } = this.parts
    this.checkSource(params, 'unauthorized', 'LDAP authentication not available')
    const user = users.find(params.username)
    if (user === null) throw refused(`Unregistered User: ${shown(params.username)}`)
    if (!(await passwords.matches(params.password, user.password))) throw refused('Invalid Password')
    return user
  }

  private async loggedIn(user: User, caller: Caller): Promise<Result<'access.login'>> {
    const { users, keyring } = this.parts
    const { username } = user
    const updated = await users.update(username, (now) =>
      same(now, user).signing_key === null ? { ...now, signing_key: createSigningKey() } : now,
    )
    const key = updated.signing_key
    // The update has made sure of it.
    if (key === null) throw refused('User not logged in')
    const authTime = keyring.now
    if (caller.requester?.kind !== 'local')
      caller.credential = keyring.credentialOf({ username, keyId: key.id, exp: 0, authTime })
    this.parts.tell('notify_user_logged_in', username)
    return { username, ...this.tokens(username, key), action: 'user_logged_in' }
  }

  private tokens(
    username: string,
    key: SigningKey,
  ): { readonly token: string; readonly source: string; readonly refresh_token: string } {
    const { keyring } = this.parts
    const { now } = keyring
    const token = keyring.accessToken(username, key, now)
    return { token, source, refresh_token: keyring.refreshToken(username, key, now) }
  }

  /** The name of a real user. */
  private ownName(requester: Requester | null, none: string, reserved: string): string {
    const name = requester?.name ?? null
    if (name === null) throw refused(none)
    if (requester?.kind !== 'user') throw refused(`${reserved} ${name}`)
    return name
  }
}
