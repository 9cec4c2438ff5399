import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import { buildEnvironment } from '../system/build-jobs.js'
import type { CommandResult } from '../system/commands.js'
import { listDistributions } from './distributions.js'
import type { PythonTools, Virtualenv } from './virtualenv.js'

/** How pip is called in one virtualenv. */
export interface PipSetup {
  readonly virtualenv: Virtualenv
  readonly tools: PythonTools
  /** pip's temporary files: a folder that only this call uses. It is empty before, and gone after it. */
  readonly temporary: string
  /** As configured: what pip is told by its environment. */
  readonly variables?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
}

export interface PipCall extends PipSetup {
  readonly args: readonly string[]
  /** Milliseconds. Default: an hour, as building on a small board takes long. */
  readonly timeout?: number
  /** Every line that pip says, as it comes, without the blanks around it. */
  readonly onLine?: (line: string) => void
}

const hour = 3_600_000

/** git clones of pip's end when nothing comes any more; by themselves they wait for ever. */
const gitLimits = { GIT_HTTP_LOW_SPEED_LIMIT: '100', GIT_HTTP_LOW_SPEED_TIME: '60', GIT_TERMINAL_PROMPT: '0' }

const environmentOf = async ({ variables, temporary, tools }: PipSetup): Promise<Record<string, string>> => ({
  PIP_NO_INPUT: '1',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_COLOR: '1',
  PIP_PROGRESS_BAR: 'off',
  PYTHONUNBUFFERED: '1',
  ...gitLimits,
  ...(await buildEnvironment(tools.files)),
  ...variables,
  TMPDIR: temporary,
})

/** Python 2 knows no -I: what keeps it from the user's own packages and from modules in the current folder. */
const isolation = ({ madeFor }: Virtualenv): readonly string[] =>
  madeFor?.startsWith('2.') === true ? ['-E', '-s'] : ['-I']

/** What pip says last of what went wrong. */
const reasonOf = ({ stderr, ended, code }: CommandResult): string => {
  if (ended !== null) return `pip was ended (${ended})`
  const lines = stderr.split('\n').map((line) => line.trim())
  const errors = lines.filter((line) => /^(?:ERROR|error): /.test(line))
  // After a traceback the last line tells.
  const isTold = errors.length > 0 && !errors.includes('ERROR: Exception:')
  const told = isTold ? errors : lines.filter((line) => line !== '').slice(-1)
  const text = told.map((line) => line.replace(/^(?:ERROR|error): /, '')).join(' ')
  return text === '' ? `pip ended with ${code ?? 'a signal'}` : text.slice(0, 1000)
}

/** @throws command_failed when the virtualenv cannot be used */
export const refuseUnusable = (virtualenv: Virtualenv): void => {
  if (virtualenv.problem === null) return
  throw new MoonkeeperError(
    'command_failed',
    `The virtualenv ${virtualenv.folder} cannot be used: ${virtualenv.problem}. Recover the application: that makes it anew`,
  )
}

/**
 * Runs pip at low priority. A code other than 0 is a result, not an error.
 * @throws command_failed when Python cannot be started; the signal's reason when it is aborted
 */
export const callPip = async (call: PipCall): Promise<CommandResult> => {
  const { virtualenv, tools, temporary, signal, onLine } = call
  refuseUnusable(virtualenv)
  await tools.files.remove(temporary)
  await tools.files.makeFolder(temporary)
  const say = (line: string): void => {
    if (line.trim() !== '') onLine?.(line.trim())
  }
  const argv = [virtualenv.python, ...isolation(virtualenv), '-m', 'pip', ...call.args] as const
  try {
    return await tools.commands.run(argv, {
      // compat: pip names what lies below it as ./NAME, and front ends show that.
      cwd: path.dirname(virtualenv.folder),
      env: await environmentOf(call),
      timeout: call.timeout ?? hour,
      gentle: true,
      signal,
      onOutputLine: say,
    })
  } finally {
    await tools.files.remove(temporary)
  }
}

/**
 * The same, where anything but success is an error.
 * @param what what people wanted, for the error: `installing app`
 * @throws command_failed
 */
export const runPip = async (what: string, call: PipCall): Promise<CommandResult> => {
  const result = await callPip(call)
  call.signal?.throwIfAborted()
  if (result.code === 0) return result
  throw new MoonkeeperError('command_failed', `${what} failed: ${reasonOf(result)}`, result)
}

/** The version of pip in a virtualenv; null when it has none. Nothing is started. */
export const pipVersion = async (
  { sitePackages }: Virtualenv,
  tools: PythonTools,
): Promise<string | null> => {
  if (sitePackages === null) return null
  const found = await listDistributions(sitePackages, tools.files)
  return found.find(({ name }) => name.toLowerCase() === 'pip')?.version ?? null
}

const numbers = (version: string): readonly number[] => (version.match(/\d+/g) ?? []).map(Number)

/** True when one version of pip is older than another; they are plain numbers. */
export const isOlderPip = (one: string, other: string): boolean => {
  const [first, second] = [numbers(one), numbers(other)]
  for (const [index, part] of second.entries()) {
    const own = first[index] ?? 0
    if (own !== part) return own < part
  }
  return false
}

/** From this one on pip tells what it would install: --dry-run and --report. */
const firstWithReport = '22.2'

export const canReport = (version: string | null): boolean =>
  version !== null && !isOlderPip(version, firstWithReport)
