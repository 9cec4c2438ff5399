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

/** The process, as far as serving needs it. */
export interface ServeProcess {
  readonly version: string
  readonly homeFolder: string
  readonly cwd: string
  readonly root: boolean
  readonly pid: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly kill: (pid: number, signal: 'SIGKILL') => void
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly onSignal: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void) => void
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
  const configFile =
    values.configfile ?? env['MOONRAKER_CONFIG_PATH'] ?? path.join(dataPath, 'config/moonraker.conf')
  const unixSocket =
    values.unixsocket ?? env['MOONRAKER_UDS_PATH'] ?? path.join(dataPath, 'comms/moonraker.sock')
  const logFile = values.logfile ?? env['MOONRAKER_LOG_PATH'] ?? path.join(dataPath, 'logs/moonkeeper.log')
  return {
    dataPath,
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

/** Apps one after another, until one is stopped: server.restart begins anew with the configuration as it is then. */
const serveUntilStopped = async (setup: AppSetup, process: ServeProcess): Promise<void> => {
  let app = await App.start(setup)
  process.onSignal('SIGINT', () => app.end('stopped'))
  process.onSignal('SIGTERM', () => app.end('stopped'))
  process.onSignal('SIGHUP', () => void app.reload())
  let look = app.firstLook()
  await Promise.race([look, systemClock.wait(bannerPatience), app.ending])
  process.out(demoBanner({ address: app.address, dataPath: setup.dataPath, managed: app.managed }))
  for (;;) {
    const ending = await app.ending
    await app.stop()
    if (ending === 'stopped') return
    await look
    app = await App.start(setup)
    look = app.firstLook()
  }
}

/**
 * `moonkeeper serve`.
 * @returns the exit code: 0 after a stop that was asked for, 1 when it could not serve, 2 for wrong arguments
 */
export const serve = async (args: readonly string[], process: ServeProcess): Promise<number> => {
  try {
    const values = readArguments(args)
    if (values.help) {
      process.out(usage)
      return 0
    }
    if (values.version) {
      process.out(`moonkeeper ${process.version}\n`)
      return 0
    }
    const { logFile, ...paths } = pathsFor(values, process)
    if (values.demo) await setUpDemo(process, paths.dataPath)
    const log = createLog(logFile, values.verbose)
    await serveUntilStopped({ ...process, ...paths, debug: values.debug, log }, process)
    return 0
  } catch (thrown) {
    const error = asMoonkeeperError(thrown)
    process.err(`${error.message}\n`)
    return error.kind === 'bad_argument' ? 2 : 1
  }
}
