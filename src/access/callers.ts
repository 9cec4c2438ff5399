import type { Caller, Credential, Requester } from '../contract/requester.js'
import type { Clock } from '../system/clock.js'
import { keyName, trustedName, type Policy } from './policy.js'
import type { Users } from './users.js'

const local: Requester = { kind: 'local', name: null, createdOn: null, scope: 'admin' }

/** The Unix socket: its file's mode says who may open it. */
export const localCaller = (): Caller => ({ address: null, credential: null, requester: local })

/** Tells who somebody is, by what they have shown and where they are, as it is at that moment. */
export class Callers {
  private readonly startedOn: number

  constructor(
    private readonly policy: () => Policy,
    private readonly users: Users,
    private readonly clock: Clock,
  ) {
    this.startedOn = clock.now() / 1000
  }

  at(address: string | null, credential: Credential | null): Caller {
    const requester = (shown: Credential | null): Requester | null =>
      this.byCredential(shown) ?? this.byAddress(address)
    return {
      address,
      credential,
      get requester() {
        return requester(this.credential)
      },
    }
  }

  private byCredential(credential: Credential | null): Requester | null {
    if (credential === null) return null
    return credential.kind === 'key' ? this.byKey(credential.key) : this.byLogin(credential)
  }

  private byKey(key: string): Requester | null {
    const { settings, scopeOf } = this.policy()
    if (!settings.enableApiKey || key !== this.users.apiKey) return null
    return { kind: 'key', name: keyName, createdOn: this.users.apiKeyCreatedOn, scope: scopeOf(keyName) }
  }

  private byLogin(login: Extract<Credential, { kind: 'user' }>): Requester | null {
    const user = this.users.find(login.name)
    if (user?.signing_key?.id !== login.keyId || this.clock.now() >= login.until) return null
    const scope = this.policy().scopeOf(user.username)
    return { kind: 'user', name: user.username, createdOn: user.created_on, scope }
  }

  private byAddress(address: string | null): Requester | null {
    const { settings, isTrusted, scopeOf } = this.policy()
    if (address === null || (settings.forceLogins && this.users.any) || !isTrusted(address)) return null
    return { kind: 'trusted', name: trustedName, createdOn: this.startedOn, scope: scopeOf(trustedName) }
  }
}
