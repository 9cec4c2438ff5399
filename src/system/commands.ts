import { execa } from 'execa'

/** What a command may cost and who may stop it. */
export interface CommandOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Text for standard input; without it standard input is closed. */
  readonly input?: string
  /** Milliseconds after which the command and all its children are killed. Default 60 000. */
  readonly timeout?: number
  /** Milliseconds without any output after which the same happens. Default: no such limit. */
  readonly stall?: number
  /** Bytes of output kept of each stream; more is an error. Default 64 MiB. */
  readonly maxOutput?: number
  readonly signal?: AbortSignal
  /** Called for every line of standard error as it comes. */
  readonly onErrorLine?: (line: string) => void
  /** Lowest CPU and I/O priority: for work that may take its time next to a print. */
  readonly background?: boolean
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
  /** Runs to the end. A code other than 0 is a result, not an error; a program that cannot be started is an error. */
  run(argv: readonly [string, ...string[]], options?: CommandOptions): Promise<CommandResult>
}
