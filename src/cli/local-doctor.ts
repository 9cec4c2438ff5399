import { loadConfiguration, type Locations } from '../config/index.js'
import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { DoctorFinding, DoctorReport } from '../contract/generated/types.js'
import type { Repairs } from '../doctor/check.js'
import { examine } from '../doctor/examination.js'
import { doctorHostOf, plainSettings, settingsOf, type DoctorSettings } from '../doctor/host.js'
import { checks } from '../doctor/index.js'
import { KlippyConnection } from '../klippy/connection.js'
import { createPrivileges, userName } from '../machine/privileges.js'
import { createCommands } from '../system/commands.js'
import { lockDataFolder } from '../system/data-lock.js'
import { createDBus } from '../system/dbus.js'
import { systemFiles } from '../system/files.js'
import type { CliIo } from './io.js'
import { configurationOf, type PlaceOptions } from './place.js'

type Telling = Pick<DoctorFinding, 'code' | 'check' | 'about' | 'cause' | 'repair'>

const told = (finding: Telling): DoctorFinding => ({ ...finding, fixable: false, fixed: null, error: null })

const notRunning = (why: string): DoctorFinding =>
  told({
    code: 'server_not_running',
    check: 'server',
    about: '',
    cause: `Moonkeeper does not answer: ${why.replace(/\.$/, '')}`,
    repair: 'systemctl status moonkeeper; journalctl -u moonkeeper; moonkeeper log',
  })

const unusable = (thrown: unknown, file: string): DoctorFinding =>
  told({
    code: 'configuration_unusable',
    check: 'configuration',
    about: file,
    cause: `Moonkeeper cannot start with its configuration: ${asMoonkeeperError(thrown).message.replace(/\.$/, '')}`,
    repair: `Correct ${file}`,
  })

/** What is to be looked at, and how it is known that nobody works on it. */
interface Task {
  readonly settings: DoctorSettings
  /** Of the server that does not run; null when it is not known. */
  readonly dataFolder: string | null
  /** Klipper's. */
  readonly socket: string | null
  /** What was found out already. */
  readonly findings: readonly DoctorFinding[]
}

/** What can be seen without the configuration is little, but it is looked at all the same. */
const taskOf = async (locations: Locations, { env }: CliIo): Promise<Task> => {
  const { dataPath, configFile } = locations
  try {
    const configuration = await loadConfiguration(locations)
    return {
      settings: await settingsOf(configuration, dataPath, env, null),
      dataFolder: configuration.moonkeeper.data,
      socket: configuration.server.klippy_uds_address,
      findings: [],
    }
  } catch (thrown) {
    const findings = [unusable(thrown, configFile)]
    return { settings: plainSettings(dataPath, env), dataFolder: null, socket: null, findings }
  }
}

/** Milliseconds that Klipper has to say whether it prints. */
const klipperPatience = 3_000

/** @throws printing, printer_unknown */
const refuseWhilePrinting = async (socket: string, version: string): Promise<void> => {
  const silent = { info: () => undefined, warn: () => undefined }
  const printer = new KlippyConnection({ path: socket, version, log: silent })
  printer.start()
  try {
    await printer.whenKnown(klipperPatience)
    if (printer.printing)
      throw new MoonkeeperError('printing', 'Klipper prints: nothing is repaired meanwhile')
    if (printer.known) return
    throw new MoonkeeperError(
      'printer_unknown',
      'Klipper does not say whether it prints: nothing is repaired',
    )
  } finally {
    await printer.stop()
  }
}

/** No server begins meanwhile, and none works that only does not answer. */
const repairsFor = ({ dataFolder, socket }: Task, { pid, version = '0' }: CliIo): Repairs => ({
  alone: async (work) => {
    if (dataFolder === null || socket === null)
      throw new MoonkeeperError('refused', 'Without its configuration nothing is repaired')
    const unlock = await lockDataFolder(dataFolder, pid, systemFiles)
    try {
      await refuseWhilePrinting(socket, version)
      await work()
    } finally {
      await unlock()
    }
  },
  // There are no jobs without a server.
  packages: async () => null,
})

const examineWith = async (task: Task, io: CliIo, fix: boolean): Promise<DoctorReport> => {
  const { env, root } = io
  const commands = await createCommands({ env, kill: io.kill })
  const bus = createDBus(env['DBUS_SYSTEM_BUS_ADDRESS'] ?? null)
  const user = userName()
  const privileges = createPrivileges({ commands, root, user, password: null, changed: () => undefined })
  try {
    const host = doctorHostOf({
      settings: task.settings,
      commands,
      bus,
      privileges,
      root,
      ownService: async () => null,
      isBusy: () => false,
      repairs: repairsFor(task, io),
    })
    return await examine(checks, host, fix, io.signal)
  } finally {
    bus.close()
  }
}

/** When no server answers: the same looks, from here. @param why it does not */
export const examineLocally = async (
  options: PlaceOptions,
  io: CliIo,
  fix: boolean,
  why: string,
): Promise<DoctorReport> => {
  const task = await taskOf(await configurationOf(options, io), io)
  const report = await examineWith(task, io, fix)
  const findings = [notRunning(why), ...task.findings, ...report.findings]
  return { ...report, healthy: false, findings }
}
