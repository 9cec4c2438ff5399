import path from 'node:path'
import type { GitRepoStatus, Job, UpdateManagerPythonOptions } from '../../src/contract/generated/types.js'
import { Application, type Policy } from '../../src/engine/application.js'
import type { ImageShelf } from '../../src/engine/carried.js'
import { plainChange } from '../../src/engine/change.js'
import { createHealthGate } from '../../src/engine/health.js'
import { History } from '../../src/engine/history.js'
import { Journal } from '../../src/engine/journal.js'
import { Restarts } from '../../src/engine/restarts.js'
import { UpdateEngine } from '../../src/engine/update-engine.js'
import type { Services } from '../../src/machine/services.js'
import { systemFiles, type Files } from '../../src/system/files.js'
import type { Log } from '../../src/system/log.js'
import type { Json, UpdaterSurroundings } from '../../src/updaters/contract.js'
import { updaterFactories } from '../../src/updaters/index.js'
import type { GitRepoOptions } from '../../src/updaters/git_repo/options.js'
import type { ReleaseOptions, ReleaseType } from '../../src/updaters/release/place.js'
import { noShelf } from './shelf.js'
import { calmServices } from './services.js'
import { realSurroundings } from './surroundings.js'

export interface Line {
  readonly message: string
  readonly application: string
  readonly complete: boolean
}

/** A line of the log, its message among its fields. */
export type Logged = Readonly<Record<string, unknown>> & { readonly level: string; readonly message: string }

/** A release application's options, as the configuration has them. */
export type ReleaseSettings = ReleaseOptions & { readonly type: ReleaseType }

type Settings = GitRepoOptions | ReleaseSettings | UpdateManagerPythonOptions

export interface Bench {
  readonly engine: PlainEngine
  readonly journal: Journal
  readonly history: History
  readonly lines: Line[]
  readonly logged: Logged[]
  readonly printer: { printing: boolean; known: boolean }
  readonly restarts: Restarts
  /** Everything notify_update_job told, in its order. */
  readonly told: Job[]
  /** Resolves with what is told of a job, once it is as wanted; also when that was told before. */
  readonly untilTold: (wanted: (job: Job) => boolean) => Promise<Job>
  readonly dataFolder: string
  /** Resolves at the next notify_update_refreshed. */
  refreshed(): Promise<void>
  status(name: string): GitRepoStatus
  /** As a reload of the configuration does it. */
  manage(options: Readonly<Record<string, Settings>>): Promise<void>
  application(name: string): Application
}

export type Overrides = Partial<Omit<UpdaterSurroundings, 'services'>> & {
  /** What is not here does nothing, and knows nothing. */
  readonly services?: Partial<Services>
  /** The service that the daemon runs as. */
  readonly ownService?: string
  /** The files of the engine itself: its journal and states. */
  readonly engineFiles?: Files
  readonly onLine?: (line: Line, bench: Pick<Bench, 'printer'>) => void
  readonly onJob?: (job: Job) => void
  /** What becomes of a printer that is waited for; nothing when it is not given. */
  readonly whenKnown?: (printer: Bench['printer']) => void | Promise<void>
  readonly policy?: Partial<Policy>
  /** Update images. Default: none. */
  readonly images?: ImageShelf
  readonly lockTimeout?: number
  readonly prepareWhilePrinting?: boolean
}

const recordingLog = (logged: Logged[]): Log => {
  const level = (name: string) => (fields: object, message: string) =>
    void logged.push({ ...fields, level: name, message })
  return { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') }
}

const asker = 'test'

/** What Moonraker's clients ask for, in a word. */
export class PlainEngine extends UpdateEngine {
  async upgrade(name: string): Promise<void> {
    await this.change(plainChange('upgrade', [name], asker))
  }

  async upgradeAll(): Promise<void> {
    await this.change(plainChange('upgrade', null, asker))
  }

  async recover(
    name: string,
    options: { readonly hard: boolean; readonly updateDependencies: boolean },
  ): Promise<void> {
    await this.change({ ...plainChange('recover', [name], asker), ...options })
  }

  async rollback(name: string): Promise<void> {
    await this.change(plainChange('rollback', [name], asker))
  }
}

/** As the configuration has it when it says nothing; nothing settles here, so that tests need not wait. */
export const policy = {
  settle_time: 0,
  auto_update: 'none',
  autoUpdateIsSet: true,
  generations: 3,
  updateWindow: null,
  soakTime: 24,
  maxFailures: 3,
} as const

/** An engine on real repositories, with its lines collected. Nothing was looked at yet. */
export const makeIdleEngine = async (
  folder: string,
  options: Readonly<Record<string, Settings>>,
  overrides: Overrides = {},
): Promise<Bench> => {
  const dataFolder = path.join(folder, 'data', 'moonkeeper')
  const lines: Line[] = []
  const logged: Logged[] = []
  const printer = { printing: false, known: true }
  const { services, engineFiles: files = systemFiles, onLine, onJob, ...others } = overrides
  const isPrinting = (): boolean => printer.printing
  const outside = await realSurroundings(dataFolder, { isPrinting, ...others })
  const known = { ...calmServices, ...services }
  await systemFiles.makeFolder(dataFolder)
  const journal = new Journal(dataFolder, files)
  const log = recordingLog(logged)
  const { clock, commands } = outside
  const restarts = new Restarts({
    services: known,
    clock,
    files,
    log,
    folder: dataFolder,
    isPrinting,
    isKnown: () => printer.known,
    isOwn: async (service) => service === overrides.ownService,
  })
  await restarts.settle()
  const history = new History(dataFolder, files, log)
  const waiting: (() => void)[] = []
  const told: Job[] = []
  const watchers = new Set<(job: Job) => void>()
  let applications: readonly Application[] = []
  const engine = new PlainEngine({
    journal,
    history,
    log,
    clock,
    version: 'test',
    lockTimeout: overrides.lockTimeout ?? 180_000,
    mayBeSilent: () => restarts.waiting,
    files,
    folder: dataFolder,
    minFreeSpace: 0,
    power: { underVoltage: async () => null },
    prepareWhilePrinting: () => overrides.prepareWhilePrinting === true,
    health: createHealthGate({
      services: known,
      printer: { state: 'disconnected' },
      commands,
      probe: { obstacle: async () => 'nothing is asked here' },
      files,
      clock,
    }),
    images: overrides.images ?? noShelf,
    notifier: {
      updateResponse: (line) => {
        lines.push(line)
        onLine?.(line, { printer })
      },
      updateJob: (job) => {
        told.push(job)
        onJob?.(job)
        for (const watcher of [...watchers]) watcher(job)
      },
      updateRefreshed: () => waiting.splice(0).forEach((resolve) => resolve()),
    },
    restarts,
    isPrinting,
    isKnown: () => printer.known,
    whenKnown: async () => overrides.whenKnown?.(printer),
    limits: () => outside.forge.limits(),
    waitForKlipper: async () => true,
  })
  const manage = (wanted: Readonly<Record<string, Settings>>): Promise<void> =>
    engine.manage(async () => {
      applications = Object.entries(wanted).map(([name, own]) => {
        const surroundings = { ...outside, services: restarts.for(name) }
        const updater = updaterFactories[own.type]?.(name, own as never, surroundings)
        if (updater === undefined) throw new Error(`no type ${own.type}`)
        const settings = {
          name,
          type: own.type,
          options: own as unknown as Json,
          policy: { ...policy, ...overrides.policy },
          refreshInterval: 168,
        }
        return new Application(settings, updater, dataFolder, files)
      })
      for (const application of applications) await application.load()
      return applications
    })
  await manage(options)
  const application = (name: string): Application => {
    const found = applications.find((candidate) => candidate.name === name)
    if (found === undefined) throw new Error(`no application ${name}`)
    return found
  }
  return {
    engine,
    journal,
    restarts,
    history,
    lines,
    logged,
    printer,
    told,
    untilTold: (wanted) => {
      const known = told.find(wanted)
      if (known !== undefined) return Promise.resolve(known)
      return new Promise((resolve) => {
        const watcher = (job: Job): void => {
          if (!wanted(job)) return
          watchers.delete(watcher)
          resolve(job)
        }
        watchers.add(watcher)
      })
    },
    dataFolder,
    refreshed: () => new Promise((resolve) => waiting.push(resolve)),
    manage,
    application,
    status: (name) => {
      const entry = engine.status().value.version_info[name]
      if (entry === undefined) throw new Error(`no status of ${name}`)
      return entry as GitRepoStatus
    },
  }
}

/** An engine that has looked at everything, and goes on with the jobs of an earlier life in the same folder. */
export const makeEngine = async (
  folder: string,
  options: Readonly<Record<string, Settings>>,
  overrides: Overrides = {},
): Promise<Bench> => {
  const bench = await makeIdleEngine(folder, options, overrides)
  await bench.engine.resume(null)
  await bench.engine.lookForChanges()
  await bench.engine.refreshWhatIsDue()
  bench.engine.endFirstRefresh()
  return bench
}

/** Real files until `refuse` names an error: then whatever changes the disk fails with it. */
export interface FailingFiles {
  readonly files: Files
  /** Null: all is well again. ENOSPC lets things be removed and renamed, EROFS nothing. */
  refuse(code: 'ENOSPC' | 'EROFS' | null): void
}

export const failingFiles = (): FailingFiles => {
  let refused: 'ENOSPC' | 'EROFS' | null = null
  const fail = (): void => {
    if (refused !== null)
      throw Object.assign(new Error(`${refused}: refused`), { code: refused, path: '/disk' })
  }
  const failUnlessRoom = (): void => {
    if (refused === 'EROFS') fail()
  }
  const files: Files = {
    ...systemFiles,
    writeText: async (...args) => (fail(), systemFiles.writeText(...args)),
    writeBytes: async (...args) => (fail(), systemFiles.writeBytes(...args)),
    copyEntry: async (...args) => (fail(), systemFiles.copyEntry(...args)),
    append: async (...args) => (fail(), systemFiles.append(...args)),
    makeFolder: async (...args) => (fail(), systemFiles.makeFolder(...args)),
    truncate: async (...args) => (failUnlessRoom(), systemFiles.truncate(...args)),
    rename: async (...args) => (failUnlessRoom(), systemFiles.rename(...args)),
    remove: async (...args) => (failUnlessRoom(), systemFiles.remove(...args)),
  }
  return { files, refuse: (code) => (refused = code) }
}

/** A promise that a test resolves, and what waits for it. */
export const latch = (): { readonly opened: Promise<void>; readonly open: () => void } => {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}
