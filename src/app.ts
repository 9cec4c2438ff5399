import {
  applicationsFor,
  noticeOf,
  rebuildUpdater,
  shownOf,
  type ApplicationSurroundings,
  type Shown,
} from './parts/applications.js'
import type { Configuration } from './config/index.js'
import { makeServicesFile } from './config/services.js'
import { MoonkeeperError, asMoonkeeperError } from './contract/error.js'
import { doorOptionsFor, openDoors, type Doors } from './parts/doors.js'
import type { Application } from './engine/application.js'
import { History } from './engine/history.js'
import { Journal } from './engine/journal.js'
import type { Restarts } from './engine/restarts.js'
import { Schedule } from './engine/schedule.js'
import type { UpdateEngine } from './engine/update-engine.js'
import { Forges } from './parts/forges.js'
import { createEngine } from './parts/engine.js'
import type { ImageParts } from './parts/images.js'
import { KlippyConnection } from './klippy/connection.js'
import { LiveConfiguration } from './parts/live-configuration.js'
import { createMending, type Mending } from './parts/mending.js'
import { Notices } from './parts/notices.js'
import { createContext } from './parts/context.js'
import { surroundingsFor } from './parts/surroundings.js'
import { createMachine, type MachineParts } from './parts/machine.js'
import type { Part } from './parts/part.js'
import type { Usage } from './machine/statistics.js'
import { systemClock } from './system/clock.js'
import { createCommands, type Commands } from './system/commands.js'
import { lockDataFolder } from './system/data-lock.js'
import { systemFiles } from './system/files.js'
import { systemHttp } from './system/http.js'
import type { RollingLog } from './system/log.js'
import { createSurvivors, survivorVariable } from './system/survivors.js'
import type { Subscribers } from './transport/subscribers.js'

/** What main.ts knows of the process and its arguments. */
export interface AppSetup {
  readonly version: string
  readonly dataPath: string
  readonly configFile: string
  readonly logFile: string
  readonly unixSocket: string
  readonly homeFolder: string
  /** -g: a detached HEAD may be updated. */
  readonly debug: boolean
  /** True when the daemon runs as root and needs no sudo. */
  readonly root: boolean
  readonly pid: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly kill: (pid: number, signal: 'SIGKILL') => void
  readonly usage: () => Usage
  readonly log: RollingLog
  /** Outlives apps: a connection's id is never given twice in a process. */
  readonly subscribers: Subscribers
}

/** Why an app ended. */
export type Ending = 'stopped' | 'restart'

const restartDelay = 100
const printerPatience = 2_000

/** The daemon: the one place where its parts are put together, started and stopped. */
export class App {
  private readonly journal: Journal
  private readonly history: History
  private readonly restarts: Restarts
  private readonly machine: MachineParts
  private readonly engine: UpdateEngine
  private readonly schedule: Schedule
  private readonly forges: Forges
  private readonly surroundings: () => ApplicationSurroundings
  private readonly mending: Mending
  private readonly images: ImageParts
  private applications: readonly Application[] = []
  private doors: Doors | null = null
  private parts: readonly Part[] = []
  private look: Promise<void> = Promise.resolve()
  private mended: Promise<void> = Promise.resolve()
  private stopping = false
  private resolveEnding: (ending: Ending) => void = () => undefined
  /** Resolves when the app is to be stopped and maybe started anew. */
  readonly ending = new Promise<Ending>((resolve) => (this.resolveEnding = resolve))

  private constructor(
    private readonly setup: AppSetup,
    private readonly live: LiveConfiguration,
    private readonly notices: Notices,
    private readonly commands: Commands,
    private readonly printer: KlippyConnection,
    private readonly dataFolder: string,
    private readonly unlock: () => Promise<void>,
  ) {
    const [{ log }, configuration] = [setup, live.atStart]
    this.journal = new Journal(dataFolder, systemFiles)
    this.history = new History(dataFolder, systemFiles, log)
    this.forges = new Forges({
      http: systemHttp,
      files: systemFiles,
      clock: systemClock,
      env: setup.env,
      token: configuration.githubToken ?? undefined,
      dataFolder,
      log,
    })
    const known = { ...setup, commands, atStart: configuration, current: () => live.current }
    const restart = (): Promise<void> => this.restart()
    this.machine = createMachine({ ...known, klipperPid: () => printer.process, restart })
    const inner = createEngine({
      ...known,
      machine: this.machine,
      dataFolder,
      journal: this.journal,
      history: this.history,
      printer: this.printer,
      limits: () => this.forges.limits(),
    })
    this.engine = inner.engine
    this.restarts = inner.restarts
    this.images = inner.images
    this.surroundings = surroundingsFor({
      ...known,
      machine: this.machine,
      isPrinting: () => printer.printing,
      dataFolder,
      notices,
      restarts: this.restarts,
      forges: this.forges,
    })
    this.mending = this.makeMending()
    this.schedule = new Schedule(this.engine, systemClock, log, scheduleOptions(configuration))
  }

  /** Builds everything, mends what a crash left, and opens the doors. @throws refused, busy */
  static async start(setup: AppSetup): Promise<App> {
    const notices = new Notices()
    const live = await LiveConfiguration.load(setup, notices, setup.log)
    await makeServicesFile(setup.dataPath, systemFiles)
    const dataFolder = live.current.moonkeeper.data
    const unlock = await lockDataFolder(dataFolder, setup.pid, systemFiles)
    const env = { ...setup.env, [survivorVariable]: dataFolder }
    const printer = new KlippyConnection({
      path: live.atStart.server.klippy_uds_address,
      version: setup.version,
      log: setup.log,
    })
    const isGentle = (): boolean => printer.printing || !printer.known
    const commands = await createCommands({ env, kill: setup.kill, isGentle })
    const app = new App(setup, live, notices, commands, printer, dataFolder, unlock)
    try {
      await app.mend()
      await app.open()
    } catch (thrown) {
      await app.stop()
      throw thrown
    }
    return app
  }

  /** Where it is served: for the banner. */
  get address(): string {
    return this.doors?.address ?? ''
  }

  /** What is managed, for the banner. */
  get managed(): readonly Shown[] {
    return this.applications.map(shownOf)
  }

  /** Resolves when every application was looked at, if that was due. */
  async firstLook(): Promise<void> {
    this.look = this.lookFirst().catch((err: unknown) =>
      this.setup.log.error({ err }, 'the first look failed'),
    )
    await this.look
  }

  /** Reads the configuration anew, without dropping a connection. What cannot be read changes nothing. */
  async reload(): Promise<void> {
    await this.live.reload(async () => {
      this.schedule.change(scheduleOptions(this.live.current))
      await this.manageApplications()
      for (const part of this.parts) await part.reload?.()
      await this.engine.refreshWhatIsDue()
    })
  }

  end(ending: Ending): void {
    this.resolveEnding(ending)
  }

  /** In order: accept no more, finish or undo the running step, answer, say goodbye, flush. */
  async stop(): Promise<void> {
    this.stopping = true
    this.schedule.stop()
    this.doors?.stopAccepting()
    await this.engine.stop()
    await this.doors?.close()
    await Promise.all(this.parts.map((part) => part.stop()))
    await Promise.all([this.printer.stop(), this.live.close(), this.look, this.mended])
    await this.unlock()
  }

  private async lookFirst(): Promise<void> {
    await this.printer.whenKnown(printerPatience)
    await this.restarts.settle()
    if (!this.stopping) await this.schedule.start()
    // It may have begun to run while it was stopped.
    if (this.stopping) this.schedule.stop()
  }

  /** Ends what an earlier life left running, then finishes or undoes what it left half done. */
  private async mend(): Promise<void> {
    const { log, pid, kill } = this.setup
    const ended = await createSurvivors(pid, kill, systemClock).end(this.dataFolder)
    if (ended.length > 0) log.warn({ pids: ended }, 'ended commands of an earlier life')
    await Promise.all([this.history.open(), this.restarts.load()])
    await this.manageApplications()
    await this.mending.first()
  }

  private async open(): Promise<void> {
    const { setup, engine, printer } = this
    const { context, parts, dialects } = createContext({
      ...setup,
      live: this.live,
      engine,
      printer,
      notices: this.notices,
      machine: this.machine,
      images: this.images,
      dataFolder: this.dataFolder,
      commands: this.commands,
      packages: () => this.surroundings().updater.packages,
      restart: () => this.restart(),
    })
    this.parts = parts
    await Promise.all(parts.map((part) => part.start()))
    const options = { ...doorOptionsFor(this.live.atStart, setup), dialects }
    this.doors = await openDoors(context, setup.subscribers, options, this.notices, setup.log)
    await this.live.follow()
    this.followKlipper()
    printer.start()
    this.mended = this.mending.later()
  }

  private makeMending(): Mending {
    return createMending({
      ...this.setup,
      engine: this.engine,
      notices: this.notices,
      journal: this.journal,
      packages: () => this.surroundings().updater.packages,
      restarts: this.restarts,
      rebuild: (record) => rebuildUpdater(record, this.live.current, this.surroundings()),
      application: (name) => this.applications.find((application) => application.name === name) ?? null,
      changed: async () => {
        await this.live.loadAgain()
        await this.manageApplications()
      },
    })
  }

  private async restart(): Promise<void> {
    try {
      await this.live.check()
    } catch (thrown) {
      const { message } = asMoonkeeperError(thrown)
      throw new MoonkeeperError(
        'refused',
        `Not restarted, the configuration cannot be used. ${message}`,
        thrown,
      )
    }
    setTimeout(() => this.end('restart'), restartDelay)
  }

  /** Klipper is managed from where it says it runs, when the configuration does not say. */
  private followKlipper(): void {
    let known = this.printer.install?.path
    this.printer.onChange(() => {
      void this.restarts.settle()
      const found = this.printer.install?.path
      if (found === known) return
      known = found
      this.meetKlipper().catch((err: unknown) =>
        this.setup.log.error({ err }, 'Klipper could not be taken over'),
      )
    })
  }

  private async meetKlipper(): Promise<void> {
    await this.manageApplications()
    await this.engine.refreshWhatIsDue()
  }

  private async manageApplications(): Promise<void> {
    await this.engine.manage(async () => {
      const before = this.applications.map(({ name }) => name)
      this.applications = await applicationsFor(this.live.current, this.printer, this.surroundings())
      const left = before.filter(
        (name) => !this.applications.some((application) => application.name === name),
      )
      for (const name of left) this.notices.set(noticeOf(name))
      return this.applications
    })
  }
}

const scheduleOptions = (configuration: Configuration): { enabled: boolean; window: readonly number[] } => ({
  enabled: configuration.updateManager.enable_auto_refresh,
  window: configuration.updateManager.refresh_window,
})
