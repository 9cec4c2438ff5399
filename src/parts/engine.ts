import type { Configuration } from '../config/index.js'
import { createHealthGate } from '../engine/health.js'
import type { History } from '../engine/history.js'
import type { Journal } from '../engine/journal.js'
import type { Notifier } from '../engine/progress.js'
import { Restarts } from '../engine/restarts.js'
import { UpdateEngine } from '../engine/update-engine.js'
import type { RateFigures } from '../releases/rate-limit.js'
import type { KlippyConnection } from '../klippy/connection.js'
import { createPower } from '../machine/power.js'
import { createImages, type ImageParts } from './images.js'
import type { MachineParts } from './machine.js'
import { systemClock } from '../system/clock.js'
import type { Commands } from '../system/commands.js'
import { systemFiles } from '../system/files.js'
import { systemHttpProbe } from '../system/http-probe.js'
import type { Log } from '../system/log.js'
import type { Subscribers } from '../transport/subscribers.js'

export interface EngineSetup {
  /** What is read at start only. */
  readonly atStart: Configuration
  /** What holds now. */
  readonly current: () => Configuration
  readonly dataFolder: string
  readonly version: string
  readonly machine: Pick<MachineParts, 'services' | 'isOwnService'>
  readonly journal: Journal
  readonly history: History
  readonly printer: KlippyConnection
  readonly commands: Commands
  readonly subscribers: Subscribers
  /** What the forge allows. */
  readonly limits: () => RateFigures
  readonly log: Log
}

/** Milliseconds: Klipper answers within one, and is back from a restart within some hundred. */
const patience = 3_000

const mebibyte = 1024 * 1024

const notifierFor = (subscribers: Subscribers, engine: () => UpdateEngine): Notifier => ({
  updateResponse: (line) => subscribers.broadcast('notify_update_response', line),
  updateRefreshed: () => subscribers.broadcast('notify_update_refreshed', engine().status()),
  updateJob: (job) => subscribers.tellJob(job),
})

/** Images are used by the engine, and made of what it manages. */
const imagesFor = ({ current, dataFolder, log }: EngineSetup, engine: () => UpdateEngine): ImageParts =>
  createImages({
    current,
    dataFolder,
    inUse: (id) => engine().usesImage(id),
    pack: (...what) => engine().pack(...what),
    log,
  })

/** The engine with everything it reaches the machine through. */
export const createEngine = (
  setup: EngineSetup,
): {
  readonly engine: UpdateEngine
  readonly restarts: Restarts
  readonly images: ImageParts
} => {
  const { atStart, current, dataFolder, machine, printer, commands, subscribers, log } = setup
  const [clock, files] = [systemClock, systemFiles]
  const { services, isOwnService: isOwn } = machine
  const isPrinting = (): boolean => printer.printing
  const isKnown = (): boolean => printer.known
  const restarts = new Restarts({
    services,
    clock,
    files,
    log,
    folder: dataFolder,
    isPrinting,
    isKnown,
    isOwn,
  })
  const images = imagesFor(setup, () => engine)
  const engine: UpdateEngine = new UpdateEngine({
    images: images.images,
    journal: setup.journal,
    history: setup.history,
    version: setup.version,
    notifier: notifierFor(subscribers, () => engine),
    limits: setup.limits,
    folder: dataFolder,
    lockTimeout: atStart.moonkeeper.lock_timeout * 1000,
    mayBeSilent: () => restarts.waiting,
    health: createHealthGate({ services, printer, commands, probe: systemHttpProbe, files, clock }),
    power: createPower(files),
    get minFreeSpace() {
      return current().moonkeeper.min_free_space * mebibyte
    },
    prepareWhilePrinting: () => current().moonkeeper.prepare_while_printing,
    waitForKlipper: (milliseconds) => printer.waitForReady(milliseconds),
    isPrinting,
    isKnown,
    whenKnown: async () => void (await printer.whenKnown(patience)),
    restarts,
    clock,
    files,
    log,
  })
  return { engine, restarts, images }
}
