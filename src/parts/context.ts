import type { Engine } from '../engine/engine.js'
import type { KlippyConnection } from '../klippy/connection.js'
import type { AppContext } from '../methods/context.js'
import type { Dialect } from '../rpc/dialect.js'
import type { Commands } from '../system/commands.js'
import { systemFiles } from '../system/files.js'
import type { RollingLog } from '../system/log.js'
import type { Subscribers } from '../transport/subscribers.js'
import { createAccessPart } from './access.js'
import { createDatabase } from './database.js'
import { createDialects } from './dialects.js'
import { createDoctor, type DoctorPartSetup } from './doctor.js'
import { createFileRoots } from './files.js'
import { createKlipper } from './klipper.js'
import { createKlipperPaths } from './klipper-paths.js'
import { createExtras } from './extras.js'
import type { ImageParts } from './images.js'
import type { LiveConfiguration } from './live-configuration.js'
import { createLogs } from './logs.js'
import type { MachineParts } from './machine.js'
import type { Notices } from './notices.js'
import type { Part } from './part.js'
import { createServerFacts } from './server.js'

/** What the parts are made from. */
export interface ContextSetup {
  readonly live: LiveConfiguration
  readonly engine: Engine
  readonly printer: KlippyConnection
  readonly notices: Notices
  readonly subscribers: Subscribers
  readonly machine: Pick<MachineParts, 'machine' | 'names' | 'part'>
  readonly images: ImageParts
  readonly packages: DoctorPartSetup['packages']
  readonly root: boolean
  readonly version: string
  readonly restart: () => Promise<void>
  readonly dataFolder: string
  readonly dataPath: string
  readonly configFile: string
  readonly logFile: string
  readonly homeFolder: string
  readonly commands: Commands
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: RollingLog
}

const klipperFor = ({ live, printer, subscribers, notices, machine, log }: ContextSetup) =>
  createKlipper({
    printer,
    subscribers,
    dataStore: live.atStart.dataStore,
    host: machine.machine.ending,
    notices,
    socket: live.atStart.server.klippy_uds_address,
    log,
  })

const serverFor = ({ live, printer, notices, subscribers, version, restart }: ContextSetup) =>
  createServerFacts({
    configuration: () => live.current,
    printer,
    warnings: () => notices.all(),
    connections: () => subscribers.count(),
    version,
    restart,
  })

const filesFor = (setup: ContextSetup) =>
  createFileRoots({
    ...setup,
    configuration: () => setup.live.current,
    klipperLog: () => setup.printer.logFile,
    changed: (change) => setup.subscribers.broadcast('notify_filelist_changed', change),
  })

const logsFor = ({ log, printer, engine, machine }: ContextSetup) =>
  createLogs({
    own: log,
    printer,
    engine,
    names: machine.names,
    services: machine.machine.services,
    files: systemFiles,
    now: () => new Date(),
  })

const doctorFor = (setup: ContextSetup) =>
  createDoctor({
    ...setup,
    current: () => setup.live.current,
    privileges: setup.machine.machine.privileges,
    ownService: () => setup.machine.names.own(),
  })

const pathsFor = (setup: ContextSetup): Part =>
  createKlipperPaths({
    ...setup,
    checksConfig: () => setup.live.current.fileManager.check_klipper_config_path,
    files: systemFiles,
  })

/** What reads the database begins when it is there, and ends before it. */
const inOrder = (first: Part, second: Part): Part => ({
  start: async () => {
    await first.start()
    await second.start()
  },
  stop: async () => {
    await second.stop()
    await first.stop()
  },
})

/** Everything that methods answer from, and those parts of it that are started and stopped. */
export const createContext = (
  setup: ContextSetup,
): {
  readonly context: AppContext
  readonly parts: readonly Part[]
  readonly dialects: readonly Dialect[]
} => {
  const { live, engine, printer, notices, subscribers, machine } = setup
  const server = serverFor(setup)
  const { part: databasePart, ...database } = createDatabase(setup)
  const { part: filesPart, files, reserved } = filesFor(setup)
  const { access, part: accessPart } = createAccessPart(live, notices, subscribers)
  const { part: extrasPart, ...extras } = createExtras({
    ...setup,
    configuration: () => live.current,
    database: database.store,
    remoteMethods: printer.remoteMethods,
  })
  const { klipper, part: klipperPart } = klipperFor(setup)
  const context = {
    engine,
    printer,
    klipper,
    logs: logsFor(setup),
    server,
    database,
    files,
    ...setup.images.desks,
    ...extras,
    access,
    machine: machine.machine,
    doctor: doctorFor(setup),
  }
  return {
    context,
    dialects: createDialects({ ...setup, configuration: () => live.current, reserved }),
    parts: [
      inOrder(databasePart, extrasPart),
      filesPart,
      accessPart,
      klipperPart,
      pathsFor(setup),
      machine.part,
      setup.images.part,
    ],
  }
}
