import { applicationsFor, rebuildUpdater, type ApplicationSurroundings } from './applications.js'
import { loadConfiguration, type Configuration } from './config/index.js'
import { asMoonkeeperError } from './contract/error.js'
import { openDoors, type Doors } from './doors.js'
import type { Application } from './engine/application.js'
import { recoverFromCrash } from './engine/crash-recovery.js'
import { Journal } from './engine/journal.js'
import { Restarts } from './engine/restarts.js'
import { Schedule } from './engine/schedule.js'
import { UpdateEngine } from './engine/update-engine.js'
import { KlippyConnection } from './klippy/connection.js'
import { missingFolders } from './klippy/folders.js'
import { createSystemctlServices, noServices } from './machine/services.js'
import { createServerFacts } from './server-facts.js'
import { systemClock } from './system/clock.js'
import { createCommands, type Commands } from './system/commands.js'
import { lockDataFolder } from './system/data-lock.js'
import { systemFiles } from './system/files.js'
import { systemHttp } from './system/http.js'
import type { Log } from './system/log.js'
import { createSurvivors, survivorVariable } from './system/survivors.js'
import { watchFiles, type Watch } from './system/watch.js'
import { Subscribers } from './transport/subscribers.js'

/** What main.ts knows of the process and its arguments. */
export interface AppSetup {
  readonly version: string
  readonly dataPath: string
  readonly configFile: string
  readonly unixSocket: string
  readonly homeFolder: string
  /** -g: a detached HEAD may be updated. */
  readonly debug: boolean
  /** True when the daemon runs as root and needs no sudo. */
  readonly root: boolean
  readonly pid: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly kill: (pid: number, signal: 'SIGKILL') => void
  readonly log: Log
}

/** Why an app ended. */
export type Ending = 'stopped' | 'restart'

const restartDelay = 100
const printerPatience = 2_000
const reloadDue = 'The configuration was changed. Restart Moonkeeper (or send it SIGHUP) to use it.'

/** The daemon: the one place where its parts are put together, started and stopped. */
export class App {
  private readonly subscribers = new Subscribers()
  private readonly notices = new Set<string>()
  private readonly journal: Journal
  private readonly restarts: Restarts
  private readonly printer: KlippyConnection
  private readonly engine: UpdateEngine
  private readonly schedule: Schedule
  private applications: readonly Application[] = []
  private doors: Doors | null = null
  private watch: Watch | null = null
  private resolveEnding: (ending: Ending) => void = () => undefined
  /** Resolves when the app is to be stopped and maybe started anew. */
  readonly ending = new Promise<Ending>((resolve) => (this.resolveEnding = resolve))

  private constructor(
    private readonly setup: AppSetup,
    private configuration: Configuration,
    private readonly commands: Commands,
    private readonly dataFolder: string,
    private readonly unlock: () => Promise<void>,
  ) {
    const { log, version } = setup
    this.journal = new Journal(dataFolder, systemFiles)
    const services =
      configuration.machine.provider === 'none' ? noServices : createSystemctlServices(commands, setup.root)
    this.restarts = new Restarts(services, (service) => service)
    this.printer = new KlippyConnection({ path: configuration.server.klippy_uds_address, version, log })
    this.engine = new UpdateEngine({
      journal: this.journal,
      log,
      clock: systemClock,
      version,
      lockTimeout: configuration.moonkeeper.lock_timeout * 1000,
      notifier: {
        updateResponse: (line) => this.subscribers.broadcast('notify_update_response', line),
        updateRefreshed: () => this.subscribers.broadcast('notify_update_refreshed', this.engine.status()),
      },
      restarts: this.restarts,
      isPrinting: () => this.printer.printing,
      waitForKlipper: (milliseconds) => this.printer.waitForReady(milliseconds),
    })
    this.schedule = new Schedule(this.engine, systemClock, log, scheduleOptions(configuration))
  }

  /** Builds everything, mends what a crash left, and opens the doors. @throws refused, busy */
  static async start(setup: AppSetup): Promise<App> {
    const configuration = await loadConfiguration(setup)
    const dataFolder = configuration.moonkeeper.data
    const unlock = await lockDataFolder(dataFolder, setup.pid, systemFiles)
    const env = { ...setup.env, [survivorVariable]: dataFolder }
    const commands = await createCommands({ env, kill: setup.kill })
    const app = new App(setup, configuration, commands, dataFolder, unlock)
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
  get managed(): readonly {
    readonly name: string
    readonly version: string
    readonly remoteVersion: string
  }[] {
    return this.applications.map((application) => {
      const status = application.status()
      return {
        name: application.name,
        version: status?.version ?? '?',
        remoteVersion: status?.remote_version ?? '?',
      }
    })
  }

  /** Resolves when every application was looked at, if that was due. */
  async firstLook(): Promise<void> {
    const klipper = await systemFiles.stat(this.configuration.server.klippy_uds_address)
    if (klipper !== null) await this.printer.waitForReady(printerPatience)
    await this.schedule.start()
  }

  /** Reads the configuration anew, without dropping a connection. What cannot be read changes nothing. */
  async reload(): Promise<void> {
    try {
      this.configuration = await loadConfiguration(this.setup)
      this.notices.delete(reloadDue)
      this.schedule.change(scheduleOptions(this.configuration))
      await this.manageApplications()
      await this.engine.refreshWhatIsDue()
      this.setup.log.info({}, 'configuration reloaded')
    } catch (thrown) {
      const { message } = asMoonkeeperError(thrown)
      this.notices.add(`The changed configuration cannot be used, the old one still is. ${message}`)
      this.setup.log.error({ err: thrown }, 'the configuration could not be reloaded')
    }
  }

  end(ending: Ending): void {
    this.resolveEnding(ending)
  }

  /** In order: accept no more, finish or undo the running step, say goodbye, flush. */
  async stop(): Promise<void> {
    this.schedule.stop()
    this.doors?.stopAccepting()
    await this.engine.stop()
    await this.doors?.close()
    await Promise.all([this.printer.stop(), this.watch?.close()])
    await this.unlock()
  }

  /** Ends what an earlier life left running, then finishes or undoes what it left half done. */
  private async mend(): Promise<void> {
    const { log, pid, kill, version } = this.setup
    const ended = await createSurvivors(pid, kill, systemClock).end(this.dataFolder)
    if (ended.length > 0) log.warn({ pids: ended }, 'ended commands of an earlier life')
    await this.manageApplications()
    const outcome = await recoverFromCrash({
      journal: this.journal,
      log,
      clock: systemClock,
      version,
      rebuild: (entry) => rebuildUpdater(entry, this.surroundings()),
      application: (name) => this.applications.find((application) => application.name === name) ?? null,
    })
    if (outcome === null) return
    log.warn({ application: outcome.application }, outcome.text)
    this.notices.add(outcome.text)
    // A folder that was missing in the middle of an operation is there again: its section is no broken one any more.
    this.configuration = await loadConfiguration(this.setup)
    await this.manageApplications()
  }

  private async open(): Promise<void> {
    const { setup, configuration, engine, printer } = this
    const server = createServerFacts({
      configuration: () => this.configuration,
      printer,
      warnings: () => [...this.notices],
      connections: () => this.subscribers.count(),
      version: setup.version,
      restart: () => setTimeout(() => this.end('restart'), restartDelay),
    })
    const options = {
      host: configuration.server.host,
      port: configuration.server.port,
      maxConnections: configuration.server.max_websocket_connections,
      unixSocket: setup.unixSocket,
      version: setup.version,
    }
    this.doors = await openDoors({ engine, printer, server }, this.subscribers, options, setup.log)
    if (this.doors.warning !== null) this.notices.add(this.doors.warning)
    this.watch = await watchFiles(
      configuration.files,
      () => this.notices.add(reloadDue),
      (thrown) => setup.log.warn({ err: thrown }, 'the configuration is not watched any more'),
    )
    this.followKlipper()
    printer.start()
  }

  /** Klipper is managed from where it says it runs, when the configuration does not say. */
  private followKlipper(): void {
    let known = this.printer.install?.path
    this.printer.onChange(() => {
      const found = this.printer.install?.path
      if (found === undefined || found === known) return
      known = found
      void this.meetKlipper(found)
    })
  }

  private async meetKlipper(klipperPath: string): Promise<void> {
    for (const text of await missingFolders(klipperPath, systemFiles)) this.notices.add(text)
    await this.manageApplications()
    await this.engine.refreshWhatIsDue()
  }

  private async manageApplications(): Promise<void> {
    await this.engine.manage(async () => {
      this.applications = await applicationsFor(this.configuration, this.printer, this.surroundings())
      return this.applications
    })
  }

  private surroundings(): ApplicationSurroundings {
    return {
      updater: {
        commands: this.commands,
        files: systemFiles,
        http: systemHttp,
        clock: systemClock,
        log: this.setup.log,
        debug: this.setup.debug,
        dataFolder: this.dataFolder,
        warn: (text) => this.notices.add(text),
      },
      restarts: this.restarts,
      files: systemFiles,
      dataFolder: this.dataFolder,
    }
  }
}

const scheduleOptions = (configuration: Configuration): { enabled: boolean; window: readonly number[] } => ({
  enabled: configuration.updateManager.enable_auto_refresh,
  window: configuration.updateManager.refresh_window,
})
