import type { Clock } from '../system/clock.js'
import type { Files } from '../system/files.js'
import type { Names } from '../system/names.js'
import { Accounts, type UserNews } from './accounts.js'
import { Attempts } from './attempts.js'
import { Callers } from './callers.js'
import { createGate, type Gate } from './gate.js'
import { Keyring } from './keyring.js'
import { OneShotTokens } from './one-shot-tokens.js'
import { Passwords } from './passwords.js'
import { createPolicy, type Policy, type PolicySource } from './policy.js'
import { TrustedNames } from './trusted-names.js'
import { Users } from './users.js'

/** Who may enter, and what they may do there. */
export interface Access {
  readonly gate: Gate
  readonly accounts: Accounts
}

export interface AccessSetup {
  /** As the configuration is now. The same object as long as it did not change. */
  readonly source: () => PolicySource
  /** The folder of what is kept. */
  readonly folder: string
  /** The port of [server], and its host where that is a name. */
  readonly port: number
  readonly host: string
  readonly files: Files
  readonly clock: Clock
  readonly names: Names
  readonly tell: (news: UserNews, username: string) => void
}

export interface OpenableAccess extends Access {
  /** Reads what is kept. @returns what people must know of; null when all is well */
  open(): Promise<string | null>
}

/** The policy that follows the configuration, made anew only when that changed. */
class CurrentPolicy {
  /** Our own names, in lower case. */
  ours: readonly string[] = []
  private made: {
    readonly from: PolicySource
    readonly ours: readonly string[]
    readonly policy: Policy
  } | null = null

  constructor(
    private readonly source: () => PolicySource,
    private readonly names: TrustedNames,
  ) {}

  get(): Policy {
    const [from, ours] = [this.source(), this.ours]
    if (this.made?.from !== from || this.made.ours !== ours)
      this.made = { from, ours, policy: createPolicy(from, ours, this.names) }
    return this.made.policy
  }
}

export const createAccess = (setup: AccessSetup): OpenableAccess => {
  const { source, folder, port, host, files, clock, names: network, tell } = setup
  const names = new TrustedNames(network, clock)
  const current = new CurrentPolicy(source, names)
  const policy = (): Policy => current.get()
  const users = new Users(folder, files, clock)
  const callers = new Callers(policy, users, clock)
  // compat: another name or port ends every login.
  const keyring = new Keyring(policy, users, clock, `http://${network.hostName()}:${port}`)
  const oneShot = new OneShotTokens(clock)
  const accounts = { policy, users, passwords: new Passwords(), keyring, oneShot, attempts: new Attempts() }
  return {
    gate: createGate({ policy, callers, keyring, oneShot, names, ours: () => current.ours }),
    accounts: new Accounts({ ...accounts, clock, tell }),
    open: async () => {
      current.ours = [...(await network.ours()), host.toLowerCase()]
      return users.open()
    },
  }
}
