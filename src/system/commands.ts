import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { execa } from 'execa'
import { MoonkeeperError } from '../contract/error.js'

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
  /** Called for every line of standard error as it comes. */
  readonly onErrorLine?: (line: string) => void
  /** The same for standard output. */
  readonly onLine?: (line: string) => void
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

/** Splits a stream into lines; a carriage return ends a line too (git's progress). */
const lineSplitter = (emit: (line: string) => void): { push: (chunk: Buffer) => void; end: () => void } => {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return {
    push(chunk) {
      const parts = (rest + decoder.write(chunk)).split(/\r\n|\n|\r/)
      rest = parts.pop() ?? ''
      parts.forEach(emit)
    },
    end() {
      if (rest !== '') emit(rest)
      rest = ''
    },
  }
}

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
    if (code === 'ENOENT' || code === 'EACCES') throw this.notStarted(code)
    const exitCode = this.ended === null ? (done.exitCode ?? null) : null
    return { code: exitCode, stdout: Buffer.concat(this.out), stderr, ended: this.ended }
  }

  private listen(): void {
    this.read(this.child.stdout, this.out, this.options.onLine)
    this.read(this.child.stderr, this.err, this.options.onErrorLine)
    this.watchStall()
  }

  private read(stream: Readable, chunks: Buffer[], onLine: ((line: string) => void) | undefined): void {
    const lines = lineSplitter((line) => onLine?.(line))
    stream.on('data', (chunk: Buffer) => {
      this.keep(chunks, chunk)
      if (onLine) lines.push(chunk)
    })
    stream.on('end', () => lines.end())
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

  private notStarted(code: string): MoonkeeperError {
    const hint = code === 'ENOENT' ? 'Is it installed?' : 'May this user run it?'
    return new MoonkeeperError('command_failed', `Could not start ${this.program} (${code}). ${hint}`)
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

/** Commands as real processes, each the leader of a process group of its own. */
export const createCommands = async (setup: CommandsSetup): Promise<Commands> => {
  const prefix = await deathSignalPrefix()
  // Found out when it is needed first: a start waits for nothing.
  let gentle: Promise<readonly string[]> | null = null
  return {
    async run(argv, options = {}) {
      const [file, ...args] = [
        ...prefix,
        ...(options.gentle === true || setup.isGentle?.() === true ? await (gentle ??= gentlePrefix()) : []),
        ...argv,
      ] as [string, ...string[]]
      const child = execa(file, args, {
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
        env: { ...setup.env, ...options.env },
        extendEnv: false,
        detached: true,
        cleanup: false,
        reject: false,
        buffer: false,
        encoding: 'buffer',
        stripFinalNewline: false,
      }) as unknown as Child
      return new Run(argv[0], child, options, setup.kill).result()
    },
  }
}
