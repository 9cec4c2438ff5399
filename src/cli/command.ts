import type { CliIo, ExitCode } from './io.js'

/** Every option of every command: an option means the same everywhere. */
export const optionTable = {
  datapath: { type: 'string', short: 'd' },
  unixsocket: { type: 'string', short: 'u' },
  url: { type: 'string' },
  'api-key-file': { type: 'string' },
  json: { type: 'boolean' },
  check: { type: 'boolean' },
  hard: { type: 'boolean' },
  'update-deps': { type: 'boolean' },
  follow: { type: 'boolean', short: 'f' },
  count: { type: 'string', short: 'n' },
  offset: { type: 'string' },
  version: { type: 'string' },
  goal: { type: 'string' },
  state: { type: 'string' },
  off: { type: 'boolean' },
  'plan-hash': { type: 'string' },
  atomic: { type: 'boolean' },
  prepare: { type: 'boolean' },
  background: { type: 'boolean' },
  when: { type: 'string' },
  fix: { type: 'boolean' },
  image: { type: 'string' },
  output: { type: 'string', short: 'o' },
  'secret-key': { type: 'string', short: 's' },
  'password-file': { type: 'string' },
  'public-key': { type: 'string', short: 'k' },
  help: { type: 'boolean', short: 'h' },
} as const

export type OptionName = keyof typeof optionTable

export type Options = {
  readonly [Name in OptionName]?:
    ((typeof optionTable)[Name]['type'] extends 'string' ? string : boolean) | undefined
}

/** The options that say where the server is, and what opens it. */
export const placeOptions = ['datapath', 'unixsocket', 'url', 'api-key-file'] as const

export interface Input {
  readonly arguments: readonly string[]
  readonly options: Options
}

/** One command of the client. */
export interface Command {
  /** How it is called, without `moonkeeper`. */
  readonly usage: string
  /** What it does, in a few words. */
  readonly summary: string
  /** More lines for its help. */
  readonly details: readonly string[]
  /** Its options besides --help. */
  readonly options: readonly OptionName[]
  readonly arguments: { readonly least: number; readonly most: number }
  /**
   * @returns the exit code
   * @throws CliFailure, Refusal
   */
  readonly run: (input: Input, io: CliIo) => Promise<ExitCode>
}
