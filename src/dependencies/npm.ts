import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import { buildEnvironment } from '../system/build-jobs.js'
import type { CommandResult, Commands } from '../system/commands.js'
import type { Files } from '../system/files.js'

export interface NpmCall {
  /** The application's folder, which has the package-lock.json. */
  readonly folder: string
  /** npm's cache and temporary files: a folder that only this call uses. It is gone after it. */
  readonly temporary: string
  readonly tools: { readonly commands: Commands; readonly files: Files }
  readonly signal: AbortSignal
  /** Every line that npm says, as it comes. */
  readonly onLine: (line: string) => void
}

/** Milliseconds. A small board that builds takes its time. */
const timeout = 3_600_000

/**
 * Nothing but the installation itself, and few things at once. The scripts of packages run, one after the other: without
 * them what is built for this machine would be missing.
 */
const settings = {
  audit: 'false',
  fund: 'false',
  update_notifier: 'false',
  progress: 'false',
  color: 'false',
  foreground_scripts: 'true',
  maxsockets: '4',
  fetch_retries: '2',
  fetch_retry_mintimeout: '1000',
  fetch_retry_maxtimeout: '10000',
  fetch_timeout: '60000',
}

const environmentOf = async ({ temporary, tools }: NpmCall): Promise<Record<string, string>> => ({
  ...(await buildEnvironment(tools.files)),
  ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`npm_config_${name}`, value])),
  npm_config_cache: path.join(temporary, 'cache'),
  TMPDIR: temporary,
  GIT_TERMINAL_PROMPT: '0',
})

/** What npm says of what went wrong, without its own log, which goes with the cache. */
const reasonOf = ({ stderr, ended, code }: CommandResult): string => {
  if (ended !== null) return `npm was ended (${ended})`
  const lines = stderr.split('\n').flatMap((line) => /^npm (?:error|ERR!)\s+(.*\S)\s*$/.exec(line)?.[1] ?? [])
  const text = lines.filter((line) => !/complete log of this run|\/_logs\//.test(line)).join(' ')
  return text === '' ? `npm ended with ${code ?? 'a signal'}` : text.slice(0, 1000)
}

/**
 * Installs what package-lock.json names, exactly, into node_modules, at low priority.
 * @throws command_failed; the signal's reason when it is aborted
 */
export const installNodePackages = async (call: NpmCall): Promise<void> => {
  const { folder, temporary, tools, signal, onLine } = call
  await tools.files.remove(temporary)
  await tools.files.makeFolder(temporary)
  const say = (line: string): void => {
    if (line.trim() !== '') onLine(line.trim())
  }
  try {
    const result = await tools.commands.run(['npm', 'ci', '--omit=dev'], {
      cwd: folder,
      env: await environmentOf(call),
      timeout,
      gentle: true,
      signal,
      onOutputLine: say,
      onErrorLine: say,
    })
    signal.throwIfAborted()
    if (result.code !== 0)
      throw new MoonkeeperError(
        'command_failed',
        `Installing Node packages failed: ${reasonOf(result)}`,
        result,
      )
  } finally {
    await tools.files.remove(temporary)
  }
}
