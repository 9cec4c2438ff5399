import { randomUUID } from 'node:crypto'
import type { UpdateStatus } from '../contract/generated/types.js'
import { Serialized } from '../contract/serialized.js'
import { MoonkeeperError, asMoonkeeperError } from '../contract/error.js'
import type { Goal } from '../updaters/contract.js'
import type { Application } from './application.js'
import type { Engine } from './engine.js'
import { fullUpdate, type FullUpdateSurroundings } from './full-update.js'
import * as guards from './guards.js'
import { operate, type OperationSurroundings } from './operations.js'
import { Announcer, type Notifier } from './progress.js'
import { inParallel, Queue } from './queue.js'
import { refreshAll } from './refresh.js'
import type { Restarts } from './restarts.js'

export interface EngineSurroundings extends OperationSurroundings {
  readonly notifier: Notifier
  readonly restarts: Restarts
  readonly isPrinting: () => boolean
  /** Waits until Klipper is there again. */
  readonly waitForKlipper: FullUpdateSurroundings['waitForKlipper']
}

const refreshedDelay = 200
const refreshSpam = 60_000
const repositoriesAtOnce = 4

/** One exclusive operation at a time, on a set of applications. */
export class UpdateEngine implements Engine {
  private readonly queue = new Queue()
  private readonly stopping = new AbortController()
  private operation: string | null = null
  private requests = 0
  private cache: Serialized<UpdateStatus> | null = null
  private firstRefreshDone = false
  private applications: readonly Application[] = []
  private refreshedTimer: NodeJS.Timeout | undefined

  constructor(private readonly outside: EngineSurroundings) {}

  /** Takes over a set of applications, in the order they are shown. It is made when nothing runs. */
  async manage(make: () => Promise<readonly Application[]>): Promise<void> {
    await this.queue.run(async () => {
      this.applications = await make()
      this.changed()
    })
  }

  status(): Serialized<UpdateStatus> {
    this.cache ??= Serialized.of(this.readStatus())
    return this.cache
  }

  /** The first look, and the regular ones: only what is due. Silent when something forbids it. */
  async refreshWhatIsDue(): Promise<void> {
    if (this.outside.isPrinting() || this.operation !== null) return
    const now = this.outside.clock.now()
    const due = this.applications.filter((application) => application.needsRefresh(now))
    await this.refreshThese(due)
  }

  /** At start: what was changed by hand meanwhile is seen, and its remote asked. */
  async lookForChanges(): Promise<void> {
    const now = this.outside.clock.now()
    const settled = this.applications.filter((application) => !application.needsRefresh(now))
    const changed: Application[] = []
    await this.queue.run(() =>
      inParallel(settled, repositoriesAtOnce, async (application) => {
        if (await application.lookForChanges(now, this.stopping.signal)) changed.push(application)
        this.changed()
      }),
    )
    if (!this.outside.isPrinting()) await this.refreshThese(changed)
  }

  /** After the first look refreshes are answered. */
  endFirstRefresh(): void {
    this.firstRefreshDone = true
    this.announceRefreshed()
  }

  async refreshIfAllowed(): Promise<Serialized<UpdateStatus>> {
    if (!guards.mayRefresh(this.facts())) return this.status()
    const last = Math.max(0, ...this.applications.map((application) => application.refreshedAt))
    if (this.outside.clock.now() < last + refreshSpam) return this.status()
    await this.refreshThese(this.applications)
    this.announceRefreshed()
    return this.status()
  }

  async refresh(name: string | null): Promise<Serialized<UpdateStatus>> {
    const chosen = this.applications.filter((application) => name === null || application.name === name)
    if (chosen.length === 0 && name !== null) {
      throw new MoonkeeperError('unknown_updater', `No updater registered for '${name}'`)
    }
    guards.refuseRefresh(this.facts())
    await this.refreshThese(chosen)
    this.announceRefreshed()
    return this.status()
  }

  refuseUpgradeWhilePrinting(): void {
    guards.refuseUpgradeWhilePrinting(this.facts())
  }

  refuseWhilePrinting(what: 'Recovery' | 'Rollback'): void {
    guards.refuseWhilePrinting(this.facts(), what)
  }

  async upgrade(name: string): Promise<void> {
    this.refuseUpgradeWhilePrinting()
    guards.refuseSameItem(this.facts(), name)
    const application = this.find(name)
    await this.exclusively(name, async (announcer, id) => {
      try {
        await this.operate(application, { kind: 'upgrade' }, announcer, id)
      } catch (thrown) {
        announcer.last(`Error updating ${name}: ${asMoonkeeperError(thrown).message}`)
        throw thrown
      }
    })
  }

  async upgradeAll(): Promise<void> {
    this.refuseUpgradeWhilePrinting()
    await this.exclusively('full', async (announcer, id) => {
      this.outside.restarts.begin(true)
      await fullUpdate(this.applications, announcer, {
        restarts: this.outside.restarts,
        waitForKlipper: this.outside.waitForKlipper,
        upgrade: (application, part) => this.operate(application, { kind: 'upgrade' }, part, id),
        part: () => this.announcer('full', true),
      })
    })
  }

  async recover(
    name: string,
    options: { readonly hard: boolean; readonly updateDependencies: boolean },
  ): Promise<void> {
    this.refuseWhilePrinting('Recovery')
    const application = this.find(name)
    if (!application.updater.goals.includes('recover')) {
      throw new MoonkeeperError('not_supported', `Updater ${name} is not a Git Repo Type`)
    }
    await this.withErrors(`recover_${name}`, `Error Recovering ${name}`, application, {
      kind: 'recover',
      ...options,
    })
  }

  async rollback(name: string): Promise<void> {
    this.refuseWhilePrinting('Rollback')
    const application = this.find(name)
    await this.withErrors(`rollback_${name}`, `Error Rolling Back ${name}`, application, { kind: 'rollback' })
  }

  /** Stops the running step, waits until it is undone or done, and takes no more. */
  async stop(): Promise<void> {
    clearTimeout(this.refreshedTimer)
    this.stopping.abort(
      new MoonkeeperError('shutting_down', 'Moonkeeper is shutting down: the operation was undone'),
    )
    await this.queue.drained()
  }

  private readStatus(): UpdateStatus {
    const entries = this.applications.map((application) => [application.name, application.status()] as const)
    return {
      github_rate_limit: null,
      github_requests_remaining: null,
      github_limit_reset_time: null,
      // compat: an application of which nothing is known is left out: an empty object breaks front ends.
      version_info: Object.fromEntries(
        entries.filter(([, status]) => status !== null),
      ) as UpdateStatus['version_info'],
      busy: this.operation !== null,
    }
  }

  private changed(): void {
    this.cache = null
  }

  private facts(): guards.GuardFacts {
    return {
      printing: this.outside.isPrinting(),
      operation: this.operation,
      firstRefreshDone: this.firstRefreshDone,
    }
  }

  private find(name: string): Application {
    const application = this.applications.find((candidate) => candidate.name === name)
    if (application === undefined) throw guards.notAvailable(name)
    return application
  }

  private async refreshThese(applications: readonly Application[]): Promise<void> {
    await this.queue.run(() =>
      refreshAll(applications, repositoriesAtOnce, this.outside, this.stopping.signal, () => this.changed()),
    )
  }

  /** compat: 200 ms after a refresh, and after every operation. */
  private announceRefreshed(): void {
    clearTimeout(this.refreshedTimer)
    this.refreshedTimer = setTimeout(() => this.outside.notifier.updateRefreshed(), refreshedDelay)
  }

  private announcer(operation: string, part: boolean): Announcer {
    return new Announcer(
      operation,
      this.requests,
      this.outside.notifier,
      () => this.outside.clock.now(),
      part,
    )
  }

  private async operate(
    application: Application,
    goal: Goal,
    announcer: Announcer,
    id: string,
  ): Promise<boolean> {
    try {
      return await operate(application, goal, { id, announcer }, this.outside, this.stopping.signal)
    } finally {
      this.changed()
    }
  }

  private async withErrors(
    operation: string,
    title: string,
    application: Application,
    goal: Goal,
  ): Promise<void> {
    await this.exclusively(operation, async (announcer, id) => {
      try {
        await this.operate(application, goal, announcer, id)
      } catch (thrown) {
        announcer.say(title)
        announcer.last(asMoonkeeperError(thrown).message)
        throw thrown
      }
    })
  }

  /** Waits for its turn, then owns the machine until the work is over. */
  private async exclusively(
    operation: string,
    work: (announcer: Announcer, id: string) => Promise<void>,
  ): Promise<void> {
    await this.queue.run(async () => {
      if (this.stopping.signal.aborted) throw this.stopping.signal.reason as MoonkeeperError
      this.requests += 1
      this.operation = operation
      this.outside.restarts.begin(false)
      this.changed()
      try {
        await work(this.announcer(operation, false), randomUUID())
      } finally {
        this.operation = null
        this.changed()
        this.announceRefreshed()
      }
    })
  }
}
