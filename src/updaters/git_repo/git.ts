import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import { harmless } from '../../contract/text.js'
import type { CommandOptions, CommandResult, Commands } from '../../system/commands.js'

/**
 * What every git command runs with. It runs no hooks, no fsmonitor and no ext transports (filters that the
 * repository's own configuration names are run, as its files would be wrong without them), starts nothing in the
 * background, gives up on a stalled server, and has its own data on the disk when it ends.
 */
const settings = [
  'protocol.ext.allow=never',
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.fsync=all',
  'core.fsyncMethod=batch',
  'fetch.unpackLimit=1',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'credential.interactive=false',
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=20',
  'merge.stat=true',
  'core.quotePath=false',
  'core.pager=cat',
  'log.showSignature=false',
  'color.ui=false',
]

const settingArguments = settings.flatMap((setting) => ['-c', setting])

/** No prompt can appear: no terminal (each command is its own session), no askpass, no answers expected. */
const environment = {
  LC_ALL: 'C.UTF-8',
  LANGUAGE: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '',
  SSH_ASKPASS: '',
  GIT_EDITOR: 'true',
}

/** git gave up. `messages` is what it said. */
export class GitError extends MoonkeeperError {
  readonly code: number | null
  /** Why it was ended by us; null when it ended itself. */
  readonly ended: CommandResult['ended']
  readonly messages: readonly string[]

  /** @param remote true when the command asks another machine */
  constructor(command: string, result: CommandResult, remote = false) {
    const kind = remote && meansUnreachable(result) ? 'remote_failed' : 'command_failed'
    super(kind, `Git Command '${command}' failed${why(result)}`)
    this.code = result.code
    this.ended = result.ended
    this.messages = gitMessages(result)
  }
}

const why = (result: CommandResult): string => {
  if (result.ended === 'stall') return ': nothing came from it for too long. Check the network and try again'
  if (result.ended === 'timeout') return ': it took too long. Check the network and try again'
  if (result.ended === 'too_much_output') return ': it had too much to say'
  return ''
}

/** What git said, standard error first, as lines that are safe to show. */
export const gitMessages = (result: CommandResult): readonly string[] =>
  `${result.stderr}\n${result.stdout.toString('utf8')}`
    .split(/[\r\n]+/)
    .map((line) => harmless(line.trim()))
    .filter((line) => line !== '' && !isTransferProgress(line))

/** Counts that change several times a second: of use while they come, not afterwards. */
const isTransferProgress = (line: string): boolean =>
  /^(?:remote: )?(?:Enumerating|Counting|Compressing|Receiving|Resolving|Unpacking|Updating)\b.*(?:%|\d+, done)/.test(
    line,
  )

const corruption =
  /corrupt|inflate:|unable to unpack|bad object|bad tree object|object file .* is empty|unable to read (?:tree|sha1|[0-9a-f]{40})|missing (?:blob|tree|commit)|index file smaller|bad index|bad signature|invalid object|packfile .* (?:cannot|does not)|pack .* is far too short|unable to find all commit-graph|bad config|not a valid object name: 'HEAD'/i

/** True when git's words mean a damaged repository. */
export const meansCorruption = (text: string): boolean => corruption.test(text)

const unreachable =
  /could not resolve|could not read from remote|unable to access|unable to connect|connection|timed out|no route to host|network is unreachable|early EOF|RPC failed|hung up|the requested URL returned error|(?:TLS|SSL)/i

/** True when git's words, or its silence, mean that the other machine could not be asked. */
const meansUnreachable = ({ ended, stderr }: CommandResult): boolean =>
  ended === 'stall' || ended === 'timeout' || unreachable.test(stderr)

export interface GitOptions extends CommandOptions {
  /** How the command is called in an error. Default: its first word. */
  readonly title?: string
  /** True for what asks another machine: that this did not work is told apart. */
  readonly remote?: true
}

/** git in one folder. */
export class Git {
  constructor(
    private readonly commands: Commands,
    readonly folder: string,
    /** More environment for each command: GIT_DIR and the like. */
    private readonly env: Readonly<Record<string, string>> = {},
  ) {}

  /** Any result, also a failed one. */
  async attempt(args: readonly string[], options: GitOptions = {}): Promise<CommandResult> {
    return this.commands.run(['git', '-C', this.folder, ...settingArguments, ...args], {
      ...options,
      env: { ...environment, ...this.env, ...options.env },
    })
  }

  /** @throws GitError when git does not end with 0 */
  async run(args: readonly string[], options: GitOptions = {}): Promise<CommandResult> {
    const result = await this.attempt(args, options)
    const { title, remote } = options
    if (result.code !== 0) throw new GitError(title ?? args[0] ?? 'git', result, remote)
    return result
  }

  /** Standard output of a command that only reads: it takes no locks. Without the last line feed. */
  async read(args: readonly string[], options: GitOptions = {}): Promise<string> {
    const env = { GIT_OPTIONAL_LOCKS: '0', ...options.env }
    const result = await this.run(args, { ...options, readsOnly: true, env })
    return result.stdout.toString('utf8').replace(/\n$/, '')
  }

  /** The parts of output that is separated by NUL. */
  async readList(args: readonly string[], options: GitOptions = {}): Promise<readonly string[]> {
    const text = await this.read(args, options)
    return text.split('\0').filter((part) => part !== '')
  }

  /** The same git in another folder. */
  at(folder: string): Git {
    return new Git(this.commands, folder)
  }

  /** The files of this folder seen with another repository's eyes, and an index of its own. */
  seenBy(gitFolder: string, index: string): Git {
    return new Git(this.commands, this.folder, {
      GIT_DIR: gitFolder,
      GIT_WORK_TREE: this.folder,
      GIT_INDEX_FILE: index,
    })
  }

  path(relative: string): string {
    return path.join(this.folder, relative)
  }
}

/** A name of a remote or branch that may stand on a command line. */
export const isSafeName = (name: string): boolean =>
  /^[A-Za-z0-9_][A-Za-z0-9_./+@#-]*$/.test(name) &&
  !name.includes('..') &&
  !name.includes('@{') &&
  !name.endsWith('.lock')

/** The index is mended in another way: what only looks at objects does not stumble over it. */
export const withoutIndex = { GIT_INDEX_FILE: '/nonexistent/index' }

/** Time limits: what reads is quick, what transfers may take as long as something moves. */
export const limits = {
  read: 60_000,
  transfer: 3_600_000,
  /** git's own limit (http.lowSpeedTime) does not see a server that never answers, nor ssh. */
  stall: 60_000,
} as const
