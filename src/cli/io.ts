/** Everything the command line client may touch of the process it runs in. Built in main.ts, and by tests. */
export interface CliIo {
  /** Writes text as it is: no line feed is added. */
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** True when standard output is a terminal: lines may be overwritten and cut. */
  readonly terminal: boolean
  /** Width of the terminal in characters; only counts when there is one. */
  readonly columns: number
  readonly colour: boolean
  readonly home: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal
  /** Of this process: a lock names it. */
  readonly pid: number
  /** True when we are root. */
  readonly root: boolean
  /** Ends programs that take too long. */
  readonly kill: (pid: number, signal: 'SIGKILL') => void
  /** Moonkeeper's version, as the server is told it. */
  readonly version?: string
}

const usualColumns = 80

/** The width to write for: a terminal does not always know its own (0, or nothing at all). */
export const columnsOf = ({ columns }: CliIo): number => (columns > 0 ? columns : usualColumns)

/** What scripts can rely on. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  noConnection: 3,
  updatesAvailable: 10,
  invalidApplication: 11,
  unhealthy: 12,
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends a command. The message says what happened, to what, and what to do next. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure'

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    cause: unknown = null,
  ) {
    super(message, { cause })
  }
}

export const interrupted = (): CliFailure => new CliFailure(exitCodes.interrupted, 'Interrupted.')
