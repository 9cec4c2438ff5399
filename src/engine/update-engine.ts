import { randomUUID } from 'node:crypto'
import type { MachineUpdateHistoryResult, UpdateStatus } from '../contract/generated/types.js'
import { Serialized } from '../contract/serialized.js'
import { MoonkeeperError, asMoonkeeperError } from '../contract/error.js'
import { logWith } from '../system/log.js'
import type { Goal } from '../updaters/contract.js'
import type { Application } from './application.js'
import type { Engine } from './engine.js'
import { Fleet } from './fleet.js'
import { fullUpdate, type FullUpdateSurroundings } from './full-update.js'
import * as guards from './guards.js'
import type { History, HistoryQuery } from './history.js'
import { operate, type OperationSurroundings, type Request } from './operations.js'
import { Announcer, type Notifier } from './progress.js'
import { Queue } from './queue.js'
import { Refresher } from './refresher.js'
import type { Restarts } from './restarts.js'
import { readStatus } from './status.js'

export interface EngineSurroundings extends OperationSurroundings {
  readonly notifier: Notifier
  readonly restarts: Restarts
  readonly history: History
  readonly isPrinting: () => boolean
  /** Waits until Klipper is there again. */
  readonly waitForKlipper: FullUpdateSurroundings['waitForKlipper']
}

const refreshedDelay = 200
const refreshSpam = 60_000

/** What an operation has in its turn: who asked, and how its lines are told. */
interface Turn {
  readonly request: Request
  /** For an application in a full update: its last line is not the last. */
  readonly part: () => Announcer
}

/** One exclusive operation at a time, on a set of applications. */
export class UpdateEngine implements Engine {
  private readonly queue = new Queue()
  private readonly fleet = new Fleet()
  private readonly stopping = new AbortController()
  private readonly refresher: Refresher
  private operation: string | null = null
  private requests = 0
  private cache: Serialized<UpdateStatus> | null = null
  private firstRefreshDone = false
  private refreshedTimer: NodeJS.Timeout | undefined

  constructor(private readonly outside: EngineSurroundings) {
    this.refresher = new Refresher(this.fleet, outside, this.stopping.signal, () => this.changed())
  }

  /** Takes over a set of applications, in the order they are shown. It is made when no operation runs. */
  async manage(make: () => Promise<readonly Application[]>): Promise<void> {
    await this.queue.run(async () => {
      await this.fleet.exchange(make)
      this.changed()
    })
  }

  status(): Serialized<UpdateStatus> {
    this.cache ??= Serialized.of(readStatus(this.fleet.all, this.operation !== null))
    return this.cache
  }

  /** The first look, and the regular ones: only what is due. Silent when something forbids it. */
  async refreshWhatIsDue(): Promise<void> {
    const now = this.outside.clock.now()
    const due = this.fleet.all.filter((application) => application.needsRefresh(now))
    await this.refresher.refresh(due.map((application) => application.name))
  }

  /** At start: what is installed is seen at once; whose install was changed by hand meanwhile, its remote is asked. */
  async lookForChanges(): Promise<void> {
    const now = this.outside.clock.now()
    const changed = await this.refresher.lookForChanges(this.fleet.names())
    // What is due is asked anyway.
    const settled = this.fleet.all.filter((application) => !application.needsRefresh(now))
    const names = settled.map((application) => application.name)
    await this.refresher.refresh(names.filter((name) => changed.includes(name)))
  }

  /** After the first look refreshes are answered. */
  endFirstRefresh(): void {
    this.firstRefreshDone = true
    this.announceRefreshed()
  }

  async refreshIfAllowed(): Promise<Serialized<UpdateStatus>> {
    if (!guards.mayRefresh(this.facts())) return this.status()
    const last = Math.max(0, ...this.fleet.all.map((application) => application.refreshedAt))
    if (this.outside.clock.now() < last + refreshSpam) return this.status()
    return this.refreshThese(this.fleet.names())
  }

  async refresh(name: string | null): Promise<Serialized<UpdateStatus>> {
    if (name !== null && !this.fleet.has(name)) throw guards.notManaged(name)
    guards.refuseRefresh(this.facts())
    return this.refreshThese(name === null ? this.fleet.names() : [name])
  }

  refuseUpgradeWhilePrinting(): void {
    this.announcingRefusal(() => guards.refuseUpgradeWhilePrinting(this.facts()))
  }

  refuseWhilePrinting(what: 'Recovery' | 'Rollback'): void {
    this.announcingRefusal(() => guards.refuseWhilePrinting(this.facts(), what))
  }

  async upgrade(name: string): Promise<void> {
    const allowed = (): void => this.refuseUpgradeWhilePrinting()
    const ask = (): void => {
      allowed()
      guards.refuseSameItem(this.facts(), name)
      this.fleet.find(name)
    }
    await this.exclusively(name, ask, allowed, async ({ request }) => {
      try {
        await this.operate(name, { kind: 'upgrade' }, request)
      } catch (thrown) {
        request.announcer.last(`Error updating ${name}: ${asMoonkeeperError(thrown).message}`)
        throw thrown
      }
    })
  }

  async upgradeAll(): Promise<void> {
    const allowed = (): void => this.refuseUpgradeWhilePrinting()
    await this.exclusively('full', allowed, allowed, async ({ request, part }) => {
      this.outside.restarts.begin(true)
      await fullUpdate(this.fleet.all, request.announcer, {
        restarts: this.outside.restarts,
        allowed,
        waitForKlipper: this.outside.waitForKlipper,
        upgrade: ({ name }, announcer) => this.operate(name, { kind: 'upgrade' }, { ...request, announcer }),
        part,
      })
    })
  }

  async recover(
    name: string,
    options: { readonly hard: boolean; readonly updateDependencies: boolean },
  ): Promise<void> {
    const allowed = (): void => this.refuseWhilePrinting('Recovery')
    const ask = (): void => {
      allowed()
      if (this.fleet.find(name).updater.goals.includes('recover')) return
      throw new MoonkeeperError('not_supported', `Updater ${name} is not a Git Repo Type`)
    }
    await this.exclusively(`recover_${name}`, ask, allowed, ({ request }) =>
      this.withTitle(`Error Recovering ${name}`, name, { kind: 'recover', ...options }, request),
    )
  }

  async rollback(name: string): Promise<void> {
    const allowed = (): void => this.refuseWhilePrinting('Rollback')
    const ask = (): void => {
      allowed()
      this.fleet.find(name)
    }
    await this.exclusively(`rollback_${name}`, ask, allowed, ({ request }) =>
      this.withTitle(`Error Rolling Back ${name}`, name, { kind: 'rollback' }, request),
    )
  }

  history(query: HistoryQuery): Promise<MachineUpdateHistoryResult> {
    return this.outside.history.list(query)
  }

  /** Stops the running step, waits until it is undone or done, and takes no more. */
  async stop(): Promise<void> {
    clearTimeout(this.refreshedTimer)
    this.stopping.abort(
      new MoonkeeperError('shutting_down', 'Moonkeeper is shutting down: the operation was undone'),
    )
    await this.queue.drained()
    await this.fleet.drained()
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

  private async refreshThese(names: readonly string[]): Promise<Serialized<UpdateStatus>> {
    await this.refresher.refresh(names)
    this.announceRefreshed()
    return this.status()
  }

  /** compat: 200 ms after a refresh, and after everything that was asked for. */
  private announceRefreshed(): void {
    clearTimeout(this.refreshedTimer)
    if (this.stopping.signal.aborted) return
    this.refreshedTimer = setTimeout(() => this.outside.notifier.updateRefreshed(), refreshedDelay)
  }

  /** A refusal is announced too: a front end that waits for the end of its request looks at the status again. */
  private announcingRefusal(ask: () => void): void {
    try {
      ask()
    } catch (thrown) {
      this.announceRefreshed()
      throw thrown
    }
  }

  /** To be called in a turn: the application is looked up now, as the set may be another one than when it was asked. */
  private async operate(name: string, goal: Goal, request: Request): Promise<boolean> {
    const application = this.fleet.find(name)
    try {
      return await application.turn.run(() =>
        operate(application, goal, request, this.outside, this.stopping.signal),
      )
    } finally {
      this.changed()
    }
  }

  private async withTitle(title: string, name: string, goal: Goal, request: Request): Promise<void> {
    try {
      await this.operate(name, goal, request)
    } catch (thrown) {
      request.announcer.say(title)
      request.announcer.last(asMoonkeeperError(thrown).message)
      throw thrown
    }
  }

  /**
   * Waits for its turn, then owns the machine until the work is over.
   * @param ask what is asked at once; it throws when the request is refused
   * @param allowed what is asked again before every change: a print may begin while something waits
   */
  private async exclusively(
    operation: string,
    ask: () => void,
    allowed: () => void,
    work: (turn: Turn) => Promise<void>,
  ): Promise<void> {
    this.announcingRefusal(ask)
    await this.queue.run(async () => {
      if (this.stopping.signal.aborted) throw this.stopping.signal.reason as MoonkeeperError
      this.requests += 1
      this.operation = operation
      this.outside.restarts.begin(false)
      this.changed()
      try {
        await work(this.turn(operation, allowed))
      } finally {
        this.operation = null
        this.changed()
        this.announceRefreshed()
      }
    })
  }

  private turn(operation: string, allowed: () => void): Turn {
    const { notifier, clock, log } = this.outside
    const id = randomUUID()
    const proc = this.requests
    const announcer = (part: boolean): Announcer =>
      new Announcer(operation, proc, notifier, () => clock.now(), part, logWith(log, { job: id }))
    return { request: { id, announcer: announcer(false), allowed }, part: () => announcer(true) }
  }
}
