import path from 'node:path'
import { parseArgs } from 'node:util'
import { App, type AppSetup } from './app.js'
import { asMoonkeeperError, MoonkeeperError } from './contract/error.js'
import { exampleConfiguration } from './contract/generated/example-conf.js'
import { demoBanner } from './demo/banner.js'
import { setUpDemoMachine } from './demo/machine.js'
import { systemClock } from './system/clock.js'
import { createCommands } from './system/commands.js'
import { systemFiles } from './system/files.js'
import { createLog } from './system/log.js'
import { Subscribers } from './transport/subscribers.js'

/** The process, as far as serving needs it. */
export interface ServeProcess {
  readonly version: string
  readonly homeFolder: string
  readonly cwd: string
  readonly root: boolean
  readonly pid: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly kill: (pid: number, signal: 'SIGKILL') => void
  /** What this process used until now: microseconds of processor time, bytes of memory. */
  readonly usage: () => { readonly cpu: number; readonly memory: number }
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly onSignal: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void) => void
  /** Called once when the process that this one belongs to is gone (`npm start`); never when it belongs to none. */
  readonly onParentGone: (listener: () => void) => void
}

const usage = `moonkeeper serve [options]
  -d, --datapath PATH    the data folder (default: $MOONRAKER_DATA_PATH or ~/printer_data)
  -c, --configfile FILE  the configuration (default: <data>/config/moonraker.conf)
  -u, --unixsocket FILE  the Unix socket (default: <data>/comms/moonraker.sock)
  -l, --logfile FILE     the log (default: <data>/logs/moonkeeper.log)
  -v, --verbose          log more
  -g, --debug            allow updates of a detached HEAD
      --demo             without a configuration, set up a demo machine in the data folder
  -o, --version          print the version
`

const optionTable = {
  datapath: { type: 'string', short: 'd' },
  configfile: { type: 'string', short: 'c' },
  unixsocket: { type: 'string', short: 'u' },
  logfile: { type: 'string', short: 'l' },
  verbose: { type: 'boolean', short: 'v', default: false },
  debug: { type: 'boolean', short: 'g', default: false },
  demo: { type: 'boolean', default: false },
  version: { type: 'boolean', short: 'o', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const readArguments = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: optionTable, strict: true }).values
  } catch (thrown) {
    throw new MoonkeeperError('bad_argument', `${(thrown as Error).message}\n\n${usage}`, thrown)
  }
}

type Values = ReturnType<typeof readArguments>

/** The paths that the arguments and the environment name. compat: Moonraker's variables and defaults. */
const pathsFor = (values: Values, process: ServeProcess) => {
  const { env, cwd, homeFolder } = process
  const absolute = (text: string): string => path.resolve(cwd, text.replace(/^~(?=\/|$)/, homeFolder))
  const dataPath = absolute(values.datapath ?? env['MOONRAKER_DATA_PATH'] ?? '~/printer_data')
  const usualConfigFile = path.join(dataPath, 'config/moonraker.conf')
  const configFile = values.configfile ?? env['MOONRAKER_CONFIG_PATH'] ?? usualConfigFile
  const unixSocket =
    values.unixsocket ?? env['MOONRAKER_UDS_PATH'] ?? path.join(dataPath, 'comms/moonraker.sock')
  const logFile = values.logfile ?? env['MOONRAKER_LOG_PATH'] ?? path.join(dataPath, 'logs/moonkeeper.log')
  return {
    dataPath,
    usualConfigFile,
    configFile: absolute(configFile),
    unixSocket: absolute(unixSocket),
    logFile: absolute(logFile),
  }
}

const setUpDemo = async (process: ServeProcess, dataPath: string): Promise<void> => {
  const commands = await createCommands({ env: process.env, kill: process.kill })
  await setUpDemoMachine({ dataPath, commands, files: systemFiles, example: exampleConfiguration })
}

/** Milliseconds: the banner tells versions when the first look was quick, else only names. */
const bannerPatience = 2_000

/** What the process is asked from outside, at any time: a request that comes between two apps is kept for the next. */
class Requests {
  private app: App | null = null
  private reloadAsked = false
  stopAsked = false

  constructor(process: ServeProcess) {
    process.onSignal('SIGINT', () => this.stop())
    process.onSignal('SIGTERM', () => this.stop())
    process.onSignal('SIGHUP', () => this.reload())
    process.onParentGone(() => this.stop())
  }

  /** From now on requests go to this app. */
  serve(app: App): void {
    this.app = app
    if (this.stopAsked) app.end('stopped')
    else if (this.reloadAsked) void app.reload()
    this.reloadAsked = false
  }

  private stop(): void {
    this.stopAsked = true
    this.app?.end('stopped')
  }

  private reload(): void {
    if (this.app === null) this.reloadAsked = true
    else void this.app.reload()
  }

  /** They wait for the next app. */
  wait(): void {
    this.app = null
  }
}

/** Tells what is served when it was looked at or soon after; not when the app ends before. */
const announce = async (app: App, look: Promise<void>, setup: AppSetup, out: (text: string) => void) => {
  const patience = new AbortController()
  const ended = app.ending.then(() => 'ended')
  const waited = systemClock.wait(bannerPatience, patience.signal).catch(() => undefined)
  const first = await Promise.race([look, waited, ended])
  patience.abort()
  if (first === 'ended') return
  out(demoBanner({ address: app.address, dataPath: setup.dataPath, managed: app.managed }))
}

/** Apps one after another, until one is stopped: server.restart begins anew with the configuration as it is then. */
const serveUntilStopped = async (
  setup: AppSetup,
  requests: Requests,
  out: (text: string) => void,
): Promise<void> => {
  for (let first = true; !requests.stopAsked; first = false) {
    const app = await App.start(setup)
    requests.serve(app)
    const look = app.firstLook()
    if (first) void announce(app, look, setup, out)
    const ending = await app.ending
    requests.wait()
    await app.stop()
    if (ending === 'stopped') return
  }
}

const misplaced = 'A file is where a folder should be: move it away, or name another data folder with -d.'

/** What the error table does not explain, because it means this at a start only. */
const advice: Readonly<Record<string, string>> = { ENOTDIR: misplaced, EEXIST: misplaced }

const explained = (thrown: unknown): MoonkeeperError => {
  const error = asMoonkeeperError(thrown)
  const next = advice[(error.cause as NodeJS.ErrnoException | null)?.code ?? '']
  if (error.kind !== 'internal' || next === undefined) return error
  return new MoonkeeperError('refused', `Moonkeeper cannot start. ${error.message}. ${next}`, thrown)
}

const run = async (values: Values, process: ServeProcess): Promise<void> => {
  // Before anything takes time: a request that comes early must neither kill nor be lost.
  const requests = new Requests(process)
  const { usualConfigFile, ...paths } = pathsFor(values, process)
  // Another configuration would not look after the demo.
  if (values.demo && paths.configFile === usualConfigFile) await setUpDemo(process, paths.dataPath)
  const log = createLog(paths.logFile, values.verbose)
  const subscribers = new Subscribers()
  const setup = { ...process, ...paths, debug: values.debug, log, subscribers }
  await serveUntilStopped(setup, requests, process.out)
}

/**
 * `moonkeeper serve`.
 * @returns the exit code: 0 after a stop that was asked for, 1 when it could not serve, 2 for wrong arguments
 */
export const serve = async (args: readonly string[], process: ServeProcess): Promise<number> => {
  try {
    const values = readArguments(args)
    if (values.help) process.out(usage)
    else if (values.version) process.out(`moonkeeper ${process.version}\n`)
    else await run(values, process)
    return 0
  } catch (thrown) {
    const error = explained(thrown)
    process.err(`${error.message}\n`)
    return error.kind === 'bad_argument' ? 2 : 1
  }
}
