import type { Job as Wire, Plan, UpdateStatus, Versions } from '../contract/generated/types.js'
import { MoonkeeperError } from '../contract/error.js'
import type { ImagePart } from '../images/build.js'
import { Serialized } from '../contract/serialized.js'
import type { RateFigures } from '../releases/rate-limit.js'
import type { Files } from '../system/files.js'
import type { Application } from './application.js'
import type { Change } from './change.js'
import { Changes, type Guard } from './changes.js'
import { Chronicle } from './chronicle.js'
import type { Outcome } from './crash-recovery.js'
import type { Engine, PlanQuestion } from './engine.js'
import type { ApplicationDesk } from './managed.js'
import { Fleet } from './fleet.js'
import * as guards from './guards.js'
import type { History, HistoryQuery } from './history.js'
import type { Job } from './job.js'
import { JobStore } from './job-store.js'
import { Jobs } from './jobs.js'
import { packAll } from './packing.js'
import { planFor, type PreflightSurroundings } from './preflight.js'
import { Refresher } from './refresher.js'
import { readStatus } from './status.js'
import { Turns, type TurnSurroundings } from './turns.js'
import { dueUpdates } from './unattended.js'
import { WaitingRoom } from './waiting-room.js'
import type { Progress } from '../updaters/contract.js'

export interface EngineSurroundings extends TurnSurroundings, Pick<PreflightSurroundings, 'power'> {
  readonly files: Files
  readonly history: History
  /** <data>/moonkeeper */
  readonly folder: string
  readonly isPrinting: () => boolean
  /** False while Klipper does not say whether it prints. */
  readonly isKnown: () => boolean
  /** Resolves when it is known; at the latest after a few seconds. */
  readonly whenKnown: () => Promise<void>
  /** What the forge allows. */
  readonly limits: () => RateFigures
  readonly prepareWhilePrinting: () => boolean
}

const refreshedDelay = 200
const refreshSpam = 60_000

/** One exclusive operation at a time, on a set of applications. */
export class UpdateEngine implements Engine {
  readonly jobs: Jobs
  private readonly fleet = new Fleet()
  readonly applications: ApplicationDesk = this.fleet
  private readonly stopping = new AbortController()
  private readonly refresher: Refresher
  private readonly turns: Turns
  private readonly changes: Changes
  private readonly room: WaitingRoom
  private cache: Serialized<UpdateStatus> | null = null
  private firstRefreshDone = false
  private refreshedTimer: NodeJS.Timeout | undefined

  constructor(private readonly outside: EngineSurroundings) {
    const { clock, log, files, folder, notifier, isPrinting, isKnown } = outside
    const { signal } = this.stopping
    this.refresher = new Refresher(this.fleet, outside, signal, () => this.changed())
    const chronicle = this.chronicle()
    this.turns = new Turns(outside, chronicle, this.fleet, signal, () => this.changed())
    const store = new JobStore(folder, files, log)
    this.jobs = new Jobs({ store, clock, log, changed: (job) => notifier.updateJob(job) })
    this.changes = new Changes({
      jobs: this.jobs,
      turns: this.turns,
      images: outside.images,
      chronicle,
      log,
      guard: this.guard(),
      stopping: signal,
      restarts: outside.restarts,
      announceRefreshed: () => this.announceRefreshed(),
      countFailure: (names) => this.countFailure(names),
    })
    this.room = new WaitingRoom({
      clock,
      isPrinting,
      isKnown,
      windowsOf: (job) => this.windowsOf(job),
      begin: (job) => this.changes.begin(job),
    })
    this.changes.room = this.room
  }

  /** Takes over a set of applications, in the order they are shown. It is made when no operation runs. */
  async manage(make: () => Promise<readonly Application[]>): Promise<void> {
    await this.turns.between(async () => {
      await this.fleet.exchange(make)
      this.changed()
    })
  }

  /**
   * At start: jobs of an earlier life.
   * @param outcome what became of the one that was running
   * @param later the one that conclude() is to be called for; null when there is none
   */
  async resume(outcome: Outcome, later: string | null = null): Promise<void> {
    await this.jobs.load()
    await this.changes.resume(outcome, later)
  }

  /**
   * Sees an interrupted operation to its end, as the first thing that is done.
   * @param recover tells what became of it while the journal still has it
   */
  async conclude(
    id: string,
    recover: (progress: Progress, tell: (outcome: Outcome) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const job = this.jobs.all().find((one) => one.id === id) ?? null
    await this.turns.conclude(job, async (announcer) => {
      await recover(announcer.say, async (outcome) => {
        announcer.last(outcome?.text ?? '')
        await this.changes.concluded(outcome)
      })
    })
  }

  status(): Serialized<UpdateStatus> {
    this.cache ??= Serialized.of(
      readStatus(this.fleet.all, this.turns.operation !== null, this.outside.limits()),
    )
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

  /** After the first look refreshes are answered, and what waited since an earlier life goes on. */
  endFirstRefresh(): void {
    this.firstRefreshDone = true
    this.announceRefreshed()
    if (!this.stopping.signal.aborted) this.changes.beginQueued()
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

  async refuseWhilePrinting(goal: Change['goal']): Promise<void> {
    await this.outside.whenKnown()
    try {
      guards.refuseWhilePrinting(this.facts(), goal)
    } catch (thrown) {
      this.announceRefreshed()
      throw thrown
    }
  }

  async change(change: Change): Promise<Wire | null> {
    if (!this.outside.isKnown()) await this.outside.whenKnown()
    return this.changes.ask(change)
  }

  /** What is to be updated with nobody watching is queued, unless it is already. */
  async updateUnattended(): Promise<void> {
    for (const change of dueUpdates(this.fleet, this.jobs, this.outside.clock)) {
      this.outside.log.info({ application: change.names }, 'an unattended update is asked for')
      await this.change(change)
    }
  }

  async plan(question: PlanQuestion): Promise<Plan> {
    const { clock, files, minFreeSpace, power, images } = this.outside
    const { signal } = this.stopping
    guards.refuseSamePlan(this.facts(), question.names)
    return planFor(question, this.fleet, { clock, files, minFreeSpace, power, images, signal })
  }

  async versions(name: string, page: { readonly limit: number; readonly offset: number }): Promise<Versions> {
    const application = this.fleet.find(name)
    return application.turn.run(() => application.updater.versions(page, this.stopping.signal))
  }

  async pin(name: string, version: string | null): Promise<string | null> {
    const application = this.fleet.find(name)
    try {
      return await application.turn.run(() =>
        application.pin(version, this.outside.clock.now(), this.stopping.signal),
      )
    } finally {
      this.changed()
      this.announceRefreshed()
    }
  }

  async startJob(id: string): Promise<Wire> {
    return this.changes.start(id)
  }

  async cancelJob(id: string): Promise<Wire> {
    return this.changes.cancel(id)
  }

  async alone(work: () => Promise<void>): Promise<void> {
    await this.outside.whenKnown()
    await this.turns.between(async () => {
      guards.refuseWhilePrinting(this.facts(), 'recover')
      await work()
    })
  }

  /**
   * Puts installed applications into files, as an image carries them: each in its turn.
   * @param names null: all that can be
   * @throws unknown_application, not_supported, printing; what packing fails of
   */
  async pack(
    names: readonly string[] | null,
    folder: string,
    signal: AbortSignal,
  ): Promise<readonly ImagePart[]> {
    await this.refuseWhilePrinting('upgrade')
    const { files } = this.outside
    return packAll(this.fleet, names, {
      folder,
      files,
      signal: AbortSignal.any([signal, this.stopping.signal]),
    })
  }

  /** True while a job that is not over needs the update image. */
  usesImage(id: number): boolean {
    return this.jobs.find((job) => !job.over && job.request.image === id) !== null
  }

  history(query: HistoryQuery): ReturnType<History['list']> {
    return this.outside.history.list(query)
  }

  /** Stops the running step, waits until it is undone or done, and takes no more. */
  async stop(): Promise<void> {
    clearTimeout(this.refreshedTimer)
    this.room.close()
    this.stopping.abort(
      new MoonkeeperError('shutting_down', 'Moonkeeper is shutting down: the operation was undone'),
    )
    await this.turns.drained()
    await this.fleet.drained()
  }

  private changed(): void {
    this.cache = null
  }

  private facts(): guards.GuardFacts {
    return {
      printing: this.outside.isPrinting(),
      known: this.outside.isKnown(),
      operation: this.turns.operation,
      firstRefreshDone: this.firstRefreshDone,
      stuck: this.turns.isStuck(),
    }
  }

  private guard(): Guard {
    return {
      ask: (change) => {
        if (change.when === 'now' && !this.mayPrepare(change.until))
          guards.refuseWhilePrinting(this.facts(), change.goal)
        guards.refuseSameItem(this.facts(), change)
        if (change.when === 'now') guards.refuseBehindStuck(this.facts())
        for (const application of (change.names ?? []).map((name) => this.fleet.find(name)))
          // compat: that there is no rollback is announced, as every failure of one.
          if (change.goal !== 'rollback') guards.refuseWhatCannotBe(application, change)
      },
      whenKnown: () => this.outside.whenKnown(),
      allowed: (job, until) => {
        if (!this.mayPrepare(until)) guards.refuseWhilePrinting(this.facts(), job.wire.goal)
      },
    }
  }

  private mayPrepare(until: Change['until']): boolean {
    return until === 'prepared' && this.outside.prepareWhilePrinting()
  }

  private windowsOf(job: Job): readonly (readonly number[])[] {
    const names = job.request.names ?? this.fleet.names()
    const known = names.filter((name) => this.fleet.has(name)).map((name) => this.fleet.find(name))
    return known.flatMap(({ settings }) =>
      settings.policy.updateWindow === null ? [] : [settings.policy.updateWindow],
    )
  }

  private chronicle(): Chronicle {
    const { history, log, clock } = this.outside
    const ofKnown = <T>(name: string, what: (application: Application) => T, otherwise: T): T =>
      this.fleet.has(name) ? what(this.fleet.find(name)) : otherwise
    return new Chronicle({
      history,
      log,
      typeOf: (name) => ofKnown(name, ({ settings }) => settings.type, ''),
      versionOf: (name) => ofKnown<string | null>(name, ({ updater }) => updater.installed().version, null),
      now: () => clock.now(),
    })
  }

  /** Unattended updates that keep failing end. What cannot be written down counts until the next start. */
  private async countFailure(names: readonly string[]): Promise<void> {
    for (const application of this.fleet.all.filter(({ name }) => names.includes(name))) {
      application.failures += 1
      await application.save().catch((thrown: unknown) => {
        this.outside.log.error({ err: thrown }, 'the state could not be saved')
      })
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
}
