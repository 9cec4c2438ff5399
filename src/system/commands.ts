import { constants } from 'node:fs'
import { access, open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { execa } from 'execa'
import { MoonkeeperError } from '../contract/error.js'
import { lineSplitter } from './line-splitter.js'
import { followFile } from './output-file.js'
import { survivorVariable } from './survivors.js'

/** What a command may cost and who may stop it. */
export interface CommandOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Bytes for standard input; without it standard input is closed. */
  readonly input?: string | Buffer
  /** Milliseconds after which the command and all its children are killed. Default 60 000. */
  readonly timeout?: number
  /** Milliseconds without any output after which the same happens. Default: no such limit. */
  readonly stall?: number
  /** Bytes of output kept of both streams together; more is an error. Default 64 MiB. */
  readonly maxOutput?: number
  readonly signal?: AbortSignal | undefined
  /**
   * True for what changes nothing: it need not die with a daemon that is killed (the next start ends what survived), and
   * starts a millisecond sooner.
   */
  readonly readsOnly?: true
  /** Called for every line of standard error as it comes. */
  readonly onErrorLine?: (line: string) => void
  /** Called for every line of standard output as it comes; a carriage return ends none. */
  readonly onOutputLine?: (line: string) => void
  /**
   * A file that takes the output of both streams: then the command is ended by nobody, neither by its limits nor by its
   * signal, and goes on when the daemon is killed. Every line goes to onOutputLine, and all of it is in `stderr`.
   */
  readonly outlives?: string
  /** True for what takes long and may wait: it runs at low priority, whatever else goes on. */
  readonly gentle?: boolean
}

export interface CommandResult {
  /** Exit code; null when it was killed. */
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
  /** Why it was ended by us, if it was. */
  readonly ended: 'timeout' | 'stall' | 'aborted' | 'too_much_output' | null
}

/** Programs outside this process. argv arrays only, never a shell. */
export interface Commands {
  /**
   * Runs to the end. A code other than 0 is a result, not an error.
   * @throws command_failed when the program cannot be started
   */
  run(argv: readonly [string, ...string[]], options?: CommandOptions): Promise<CommandResult>
}

const defaultTimeout = 60_000
const defaultMaxOutput = 64 * 1024 * 1024
const setprivPaths = ['/usr/bin/setpriv', '/bin/setpriv', '/usr/sbin/setpriv']

const executable = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Where setpriv exists, commands run under it, so that they die with the daemon even when it is killed. */
const deathSignalPrefix = async (): Promise<readonly string[]> => {
  for (const file of setprivPaths) if (await executable(file)) return [file, '--pdeathsig', 'KILL', '--']
  return []
}

/** git's progress: a carriage return ends a line, too. */
const anyLineEnd = /\r\n|\n|\r/

/** Kills the process group that `detached` made of the command: its children go with it. */
const killGroup = (pid: number | undefined, kill: (pid: number, signal: 'SIGKILL') => void): void => {
  if (pid === undefined) return
  try {
    kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself in the meantime.
  }
}

type Ended = CommandResult['ended']

/** The part of execa's subprocess that is used here. */
interface Child extends PromiseLike<{ readonly exitCode?: number; readonly code?: string }> {
  readonly pid?: number | undefined
  readonly stdout: Readable
  readonly stderr: Readable
}

/** What cannot be started tells it by its code, or by what its prefix says. @throws command_failed */
const refuseNotStarted = (program: string, code: string | undefined): void => {
  if (code !== 'ENOENT' && code !== 'EACCES') return
  const hint = code === 'ENOENT' ? 'Is it installed?' : 'May this user run it?'
  throw new MoonkeeperError('command_failed', `Could not start ${program} (${code}). ${hint}`)
}

/** One running command: collects its output and ends it when a limit is passed. */
class Run {
  private readonly out: Buffer[] = []
  private readonly err: Buffer[] = []
  private size = 0
  private ended: Ended = null
  private stallTimer: NodeJS.Timeout | undefined

  constructor(
    private readonly program: string,
    private readonly child: Child,
    private readonly options: CommandOptions,
    private readonly kill: (pid: number, signal: 'SIGKILL') => void,
  ) {}

  async result(): Promise<CommandResult> {
    const timer = setTimeout(() => this.end('timeout'), this.options.timeout ?? defaultTimeout)
    const onAbort = (): void => this.end('aborted')
    this.options.signal?.addEventListener('abort', onAbort, { once: true })
    if (this.options.signal?.aborted === true) onAbort()
    this.listen()
    try {
      return this.outcome(await this.child)
    } finally {
      clearTimeout(timer)
      clearTimeout(this.stallTimer)
      this.options.signal?.removeEventListener('abort', onAbort)
    }
  }

  private outcome(done: { readonly exitCode?: number; readonly code?: string }): CommandResult {
    const stderr = Buffer.concat(this.err).toString('utf8')
    const missing = done.exitCode === 127 && /^(?:setpriv|ionice|nice): failed to execute/.test(stderr)
    const code = missing ? 'ENOENT' : done.code
    refuseNotStarted(this.program, code)
    const exitCode = this.ended === null ? (done.exitCode ?? null) : null
    return { code: exitCode, stdout: Buffer.concat(this.out), stderr, ended: this.ended }
  }

  private listen(): void {
    const { onErrorLine, onOutputLine } = this.options
    this.collect(this.child.stdout, this.out, onOutputLine, /\n/)
    this.collect(this.child.stderr, this.err, onErrorLine, anyLineEnd)
    this.watchStall()
  }

  private collect(
    stream: Readable,
    chunks: Buffer[],
    onLine: ((line: string) => void) | undefined,
    separator: RegExp,
  ): void {
    const lines = onLine === undefined ? null : lineSplitter(onLine, separator)
    stream.on('data', (chunk: Buffer) => {
      this.keep(chunks, chunk)
      lines?.push(chunk)
    })
    stream.on('end', () => lines?.end())
  }

  private keep(chunks: Buffer[], chunk: Buffer): void {
    this.watchStall()
    this.size += chunk.length
    if (this.size > (this.options.maxOutput ?? defaultMaxOutput)) return this.end('too_much_output')
    chunks.push(chunk)
  }

  private watchStall(): void {
    if (this.options.stall === undefined) return
    clearTimeout(this.stallTimer)
    this.stallTimer = setTimeout(() => this.end('stall'), this.options.stall)
  }

  private end(why: Exclude<Ended, null>): void {
    this.ended ??= why
    killGroup(this.child.pid, this.kill)
  }
}

export interface CommandsSetup {
  /** The environment of every command; what a command adds comes on top. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly kill: (pid: number, signal: 'SIGKILL') => void
  /** True while something else needs the machine: commands then have what it leaves of processor and disk. */
  readonly isGentle?: () => boolean
}

/** Runs a command at idle priority, where the machine has the tools for it. */
const gentlePrefix = async (): Promise<readonly string[]> => {
  const prefix = ['nice', '-n', '19', 'ionice', '-c', '3']
  const { exitCode } = await execa(prefix[0] ?? '', [...prefix.slice(1), 'true'], { reject: false })
  return exitCode === 0 ? prefix : []
}

/** What every command has in common. */
const basics = (options: CommandOptions, env: CommandsSetup['env']) =>
  ({
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    env: { ...env, ...options.env },
    extendEnv: false,
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    encoding: 'buffer',
    stripFinalNewline: false,
  }) as const

/** Nobody ends it, and it is none of the survivors that the next start ends. */
const runLasting = async (
  argv: readonly [string, ...string[]],
  file: string,
  options: CommandOptions,
  { env }: CommandsSetup,
): Promise<CommandResult> => {
  const output = await open(file, 'w', 0o600)
  try {
    const [program, ...args] = argv
    const unmarked = { ...env, [survivorVariable]: undefined }
    // Any descriptor may be given, but the types know the first ones only.
    const stdio = { stdout: output.fd as 1, stderr: output.fd as 1 }
    const child = execa(program, args, { ...basics(options, unmarked), ...stdio }) as unknown as Child
    const ended = Promise.resolve(child)
    const stderr = await followFile(file, options.onOutputLine ?? (() => undefined), ended)
    const { exitCode, code } = await ended
    refuseNotStarted(program, code)
    return { code: exitCode ?? null, stdout: Buffer.alloc(0), stderr, ended: null }
  } finally {
    await output.close()
  }
}

/** Commands as real processes, each the leader of a process group of its own. */
export const createCommands = async (setup: CommandsSetup): Promise<Commands> => {
  const prefix = await deathSignalPrefix()
  // Found out when it is needed first: a start waits for nothing.
  let gentle: Promise<readonly string[]> | null = null
  return {
    async run(argv, options = {}) {
      if (options.outlives !== undefined) return runLasting(argv, options.outlives, options, setup)
      const [file, ...args] = [
        ...(options.readsOnly === true ? [] : prefix),
        ...(options.gentle === true || setup.isGentle?.() === true ? await (gentle ??= gentlePrefix()) : []),
        ...argv,
      ] as [string, ...string[]]
      const child = execa(file, args, basics(options, setup.env)) as unknown as Child
      return new Run(argv[0], child, options, setup.kill).result()
    },
  }
}
