import { userInfo } from 'node:os'
import { MoonkeeperError } from '../contract/error.js'
import type { CommandOptions, CommandResult, Commands } from '../system/commands.js'

/** How the daemon does what only root may. */
export interface Privileges {
  /** The user that it runs as. */
  readonly user: string
  /** For what sudo wanted a password since the last right one, for people. */
  readonly requests: readonly string[]
  /**
   * Runs a command as root: as it is where we are root, else through sudo, which never asks at a terminal. A code other
   * than 0 is a result, not an error.
   * @throws refused when sudo does not let us; command_failed when there is no sudo
   */
  run(argv: readonly [string, ...string[]], options?: CommandOptions): Promise<CommandResult>
  /** Whether we may run commands as root now. */
  granted(): Promise<boolean>
  /**
   * Keeps a password for sudo, in memory only, and forgets what was asked for.
   * @returns what was asked for until now
   * @throws refused when sudo does not take it: then there is none any more
   */
  setPassword(password: string): Promise<readonly string[]>
}

export interface PrivilegesSetup {
  readonly commands: Commands
  /** True when the daemon runs as root. */
  readonly root: boolean
  readonly user: string
  /** `sudo_password` of [machine]. */
  readonly password: string | null
  /** sudo wants a password, or does not want it any more. */
  readonly changed: () => void
}

/** Of the user that we run as. Who has no name has a number. */
export const userName = (): string => {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}

const probe = ['systemctl', '--version'] as const
const probeLimit = 10_000
/** What sudo says is looked at: it must not be translated. */
const plain = { LC_ALL: 'C.UTF-8' }

/** sudo's own words, of which there is one line for each way of saying no. */
const wantsPassword =
  /^sudo: .*(?:password is required|terminal is required|no password was provided|askpass)/m
const saysNo =
  /^sudo: .*(?:no new privileges|incorrect password|must be owned by uid 0|effective uid is not 0|unknown user)|^Sorry, (?:user|try again)|is not in the sudoers file|may not run sudo/m

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

class Sudo implements Privileges {
  readonly requests: string[] = []
  private password: string | null

  constructor(private readonly setup: PrivilegesSetup) {
    this.password = setup.password
  }

  get user(): string {
    return this.setup.user
  }

  async run(argv: readonly [string, ...string[]], options: CommandOptions = {}): Promise<CommandResult> {
    const result = await this.attempt(argv, options)
    if (this.setup.root || result.code === 0) return result
    if (wantsPassword.test(result.stderr)) this.note(`Sudo password required: ${argv.join(' ')}`)
    else if (!saysNo.test(result.stderr)) return result
    throw new MoonkeeperError(
      'refused',
      `User ${this.user} may not run '${argv.join(' ')}' as root (${lastLine(result.stderr)}). ` +
        'Give the sudo password, or install the rules that docs/install.md names',
    )
  }

  async granted(): Promise<boolean> {
    if (this.setup.root) return true
    const result = await this.attempt(probe, { timeout: probeLimit }).catch(() => null)
    return result?.code === 0
  }

  async setPassword(password: string): Promise<readonly string[]> {
    this.password = null
    // compat: as root, too, it is sudo that says whether a password is right.
    if (!(await this.isRight(password)))
      throw new MoonkeeperError('refused', 'Invalid password, sudo access was denied')
    this.password = password
    const asked = this.requests.splice(0)
    if (asked.length > 0) this.setup.changed()
    return asked
  }

  private async isRight(password: string): Promise<boolean> {
    const { commands, root } = this.setup
    try {
      // Who was let in a minute ago is not asked.
      await commands.run(['sudo', '-k'], { timeout: probeLimit })
      const input = `${password}\n`
      const { code } = await commands.run(['sudo', '-S', 'true'], { timeout: probeLimit, input, env: plain })
      return code === 0
    } catch (thrown) {
      if (root) return true
      throw thrown
    }
  }

  private async attempt(
    argv: readonly [string, ...string[]],
    options: CommandOptions,
  ): Promise<CommandResult> {
    if (this.setup.root) return this.setup.commands.run(argv, options)
    const first = await this.sudo(['-n'], argv, options)
    if (this.password === null || first.code === 0 || !wantsPassword.test(first.stderr)) return first
    // -k: a password that is not read would become the command's input.
    const input = Buffer.concat([Buffer.from(`${this.password}\n`), Buffer.from(options.input ?? '')])
    return this.sudo(['-k', '-S'], argv, { ...options, input })
  }

  private sudo(
    flags: readonly string[],
    argv: readonly string[],
    options: CommandOptions,
  ): Promise<CommandResult> {
    const env = { ...plain, ...options.env }
    return this.setup.commands.run(['sudo', ...flags, '--', ...argv], { ...options, env })
  }

  /** Front ends show what a password is wanted for. */
  private note(request: string): void {
    if (this.requests.includes(request)) return
    this.requests.push(request)
    this.setup.changed()
  }
}

export const createPrivileges = (setup: PrivilegesSetup): Privileges => new Sudo(setup)
