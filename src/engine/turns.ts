import { asMoonkeeperError } from '../contract/error.js'
import type { ApplicationPlan } from '../contract/generated/types.js'
import { logWith } from '../system/log.js'
import type { Application } from './application.js'
import { goalFor, labelOf } from './change.js'
import { cargoOf, type Cargo, type ImageShelf } from './carried.js'
import type { Chronicle } from './chronicle.js'
import type { Fleet } from './fleet.js'
import { inOrder, upgradeOneByOne, type FullUpdateSurroundings } from './full-update.js'
import type { Job } from './job.js'
import { noteDone, noteFailed, noteInstalled, noteOver, reasonOf } from './outcomes.js'
import { operate, type OperationSurroundings, type Request, type Result, type Subject } from './operations.js'
import { inTheirTurns } from './in-their-turns.js'
import { hashOf, refuseWhatWasNotAgreed } from './planner.js'
import { Announcer, type Notifier } from './progress.js'
import { Queue } from '../system/queue.js'
import type { Restarts } from './restarts.js'
import { makeRoom, type RoomSurroundings } from './space.js'

export interface TurnSurroundings extends OperationSurroundings, RoomSurroundings {
  readonly notifier: Notifier
  readonly restarts: Restarts
  readonly images: ImageShelf
  /** Waits until Klipper is there again. */
  readonly waitForKlipper: FullUpdateSurroundings['waitForKlipper']
}

/** What a job's turn is made of. */
interface Turn {
  readonly job: Job
  readonly allowed: () => Promise<void>
  /** With `part`: for an application of several, whose last line is not the last. */
  readonly announcer: (part: boolean) => Announcer
  readonly signal: AbortSignal
  /** What it comes from; null: from where the applications come from. */
  readonly cargo: Cargo | null
  /** By application, what was agreed to; null when nothing was. */
  agreed: ReadonlyMap<string, string> | null
  /** What was prepared. */
  readonly prepared: ApplicationPlan[]
}

/** One job at a time owns the machine. */
export class Turns {
  /** What front ends call what runs; null when nothing does. */
  operation: string | null = null
  /** Of the operation that must not be ended any more; null when there is none. */
  private held: Announcer | null = null
  private readonly queue = new Queue()
  private count = 0

  constructor(
    private readonly outside: TurnSurroundings,
    private readonly chronicle: Chronicle,
    private readonly fleet: Fleet,
    private readonly stopping: AbortSignal,
    private readonly changed: () => void,
  ) {}

  /** Between two jobs. */
  async between(work: () => Promise<void>): Promise<void> {
    await this.queue.run(work)
  }

  async drained(): Promise<void> {
    await this.queue.drained()
  }

  /**
   * Waits for its turn, then owns the machine until the work is over. Who is cancelled before waits no longer.
   * @param afterwards is no part of the work, but before the next one; it must not throw
   */
  async hold(job: Job, work: () => Promise<void>, afterwards: () => Promise<void>): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const turn = async (): Promise<void> => {
        await work().then(resolve, reject)
        await afterwards()
      }
      this.queue.run(turn, job.signal).catch(reject)
    })
  }

  /**
   * To be called in its turn: goes on until the job is to be ended, or is prepared.
   * @param allowed asked before anything is changed: a print may begin while something waits
   * @throws what made it fail; the job is not ended yet
   */
  async take(job: Job, allowed: () => Promise<void>): Promise<Result> {
    this.stopping.throwIfAborted()
    this.count += 1
    this.operation = labelOf(job.wire.goal, job.request)
    this.outside.restarts.begin(false)
    this.changed()
    try {
      await job.enter('preparing', { started_at: job.wire.started_at ?? job.now(), starts_at: null })
      return await this.work(this.turn(job, allowed))
    } finally {
      this.operation = null
      this.held = null
      this.changed()
    }
  }

  /** Sees what an earlier life left to its end, before anything else is done. @param job null when it is not known */
  async conclude(job: Job | null, work: (announcer: Announcer) => Promise<void>): Promise<void> {
    await this.queue.run(async () => {
      this.count += 1
      this.operation = job === null ? 'full' : labelOf(job.wire.goal, job.request)
      const announcer = this.announcerOf(job, this.operation, this.count, false)
      this.held = announcer
      this.changed()
      try {
        await work(announcer)
      } finally {
        this.operation = null
        this.held = null
        this.changed()
      }
    })
  }

  /** True when something that must not be ended has said nothing for longer than a living job may be silent. */
  isStuck(): boolean {
    return this.held !== null && this.outside.clock.now() - this.held.movedAt >= this.outside.lockTimeout
  }

  /** Drops what a job prepared, but for what another one is prepared to use. */
  discard(job: Job, others: readonly Job[]): void {
    const prepared = others.filter((other) => other !== job && other.state === 'prepared')
    const needed = prepared.flatMap(({ targetNames }) => targetNames)
    const names = job.targetNames.filter((name) => !needed.includes(name))
    for (const application of this.fleet.all.filter(({ name }) => names.includes(name))) {
      // Whoever uses the application meanwhile is not waited for.
      application.turn
        .run(() => application.updater.discard())
        .catch((thrown: unknown) => {
          this.outside.log.warn({ job: job.id, err: thrown }, 'what was prepared could not be dropped')
        })
    }
  }

  private announcerOf(job: Job | null, label: string, id: number, part: boolean): Announcer {
    const { notifier, clock, log } = this.outside
    const known = job === null ? log : logWith(log, { job: job.id })
    const keep = (line: string): void => job?.say(line)
    return new Announcer(label, id, notifier, () => clock.now(), part, known, keep)
  }

  private turn(job: Job, allowed: () => Promise<void>): Turn {
    const label = labelOf(job.wire.goal, job.request)
    const id = this.count
    return {
      job,
      allowed,
      announcer: (part) => this.announcerOf(job, label, id, part),
      signal: AbortSignal.any([this.stopping, job.signal]),
      cargo: null,
      agreed: null,
      prepared: [],
    }
  }

  private async work(turn: Turn): Promise<Result> {
    const { image } = turn.job.request
    if (image === undefined) return this.workWith(turn)
    return this.outside.images.use(image, async (open) => {
      const cargo = cargoOf(open)
      // What does not fit one of them is told before the first is changed.
      for (const application of this.chosen(turn.job)) cargo(application)
      return this.workWith({ ...turn, cargo })
    })
  }

  private async workWith(turn: Turn): Promise<Result> {
    const { job } = turn
    const { names } = job.request
    if (names === null) job.noteParts(inOrder(this.fleet.all).map(({ name }) => name))
    if (job.wire.atomic) return this.asOne(turn)
    if (names?.length === 1) return this.one(turn, names[0] ?? '')
    return this.oneByOne(turn)
  }

  private subject({ job, cargo }: Turn, application: Application): Subject {
    const carried = cargo?.(application) ?? null
    return { application, goal: goalFor(job.wire.goal, job.request, application.name, carried) }
  }

  /** To be called in a turn: the set may be another one than when it was asked. */
  private chosen(job: Job): readonly Application[] {
    const { names, targets } = job.request
    const chosen = targets.length > 0 ? targets.map(({ name }) => name) : names
    const able = this.fleet.all.filter(({ updater }) => updater.goals.includes(job.wire.goal))
    return inOrder(chosen === null ? able : chosen.map((name) => this.fleet.find(name)))
  }

  private async one(turn: Turn, name: string): Promise<Result> {
    const { job } = turn
    const announcer = turn.announcer(false)
    try {
      return await this.operate([this.fleet.find(name)], turn, announcer, [0, 1])
    } catch (thrown) {
      const { message } = asMoonkeeperError(thrown)
      if (job.wire.goal === 'upgrade') announcer.last(`Error updating ${name}: ${message}`)
      else {
        announcer.say(`Error ${job.wire.goal === 'recover' ? 'Recovering' : 'Rolling Back'} ${name}`)
        announcer.last(message)
      }
      throw thrown
    }
  }

  /** As one generation: all of them, or none. */
  private async asOne(turn: Turn): Promise<Result> {
    const announcer = turn.announcer(false)
    const chosen = this.chosen(turn.job)
    const names = chosen.map(({ name }) => name).join(', ')
    announcer.say(`Updating ${names} as one...`)
    // A service that several share is restarted once, when all of them are new.
    this.outside.restarts.begin(true)
    try {
      const result = await this.operate(chosen, turn, turn.announcer(true), [0, 1])
      announcer.last(result === 'prepared' ? `${names}: prepared` : 'Full Update Complete')
      return result
    } catch (thrown) {
      announcer.last(`Error updating ${names}: ${asMoonkeeperError(thrown).message}`)
      throw thrown
    }
  }

  private async oneByOne(turn: Turn): Promise<Result> {
    const { job } = turn
    const chosen = this.chosen(job)
    if (job.request.planHash !== null) turn.agreed = await this.agree(turn, chosen)
    this.outside.restarts.begin(true)
    let done = 0
    const results: Result[] = []
    await upgradeOneByOne(chosen, turn.announcer(false), {
      restarts: this.outside.restarts,
      waitForKlipper: this.outside.waitForKlipper,
      upgrade: async (application) => {
        const share = [done / chosen.length, (done + 1) / chosen.length] as const
        const result = await this.operate([application], turn, turn.announcer(true), share)
        done += 1
        results.push(result)
        return result === 'done'
      },
    })
    return results.find((result) => result !== 'nothing') ?? 'nothing'
  }

  /** What was shown of several is looked at whole before the first of them is changed. @throws plan_changed */
  private async agree(turn: Turn, chosen: readonly Application[]): Promise<ReadonlyMap<string, string>> {
    const { job, signal } = turn
    const announcer = turn.announcer(false)
    const plans: ApplicationPlan[] = []
    try {
      for (const application of chosen) {
        const { goal } = this.subject(turn, application)
        const context = { signal, progress: announcer.say, shown: false, fresh: turn.cargo === null }
        plans.push(await application.show(goal, context))
      }
      refuseWhatWasNotAgreed(plans, job.request.planHash, false)
    } catch (thrown) {
      announcer.last(`Error updating: ${asMoonkeeperError(thrown).message}`)
      throw thrown
    }
    return new Map(plans.map((plan) => [plan.name, hashOf([plan])]))
  }

  private async operate(
    applications: readonly Application[],
    turn: Turn,
    announcer: Announcer,
    span: readonly [number, number],
  ): Promise<Result> {
    const { job } = turn
    turn.signal.throwIfAborted()
    job.committed = false
    for (const application of applications) noteInstalled(job, application)
    try {
      const subjects = applications.map((application) => this.subject(turn, application))
      const request = this.request(turn, applications, announcer, span)
      const result = await inTheirTurns(applications, turn.signal, async () => {
        // What was prepared may be long ago: what changed by hand since then is no part of what was shown.
        const looked = job.request.targets.length > 0 ? applications : []
        for (const application of looked) await application.look(false, this.outside.clock.now(), turn.signal)
        return operate(subjects, request, this.outside, turn.signal)
      })
      if (result !== 'prepared') await this.noteDone(job, applications)
      return result
    } catch (thrown) {
      const told = reasonOf(thrown, job, this.stopping, announcer.stalled)
      noteFailed(job, applications, told)
      throw told
    } finally {
      this.changed()
    }
  }

  /** Written down at once: what follows may be interrupted. */
  private async noteDone(job: Job, applications: readonly Application[]): Promise<void> {
    noteDone(job, applications)
    await this.chronicle.write(job, null)
    await job.keep()
    job.committed = false
  }

  private request(
    turn: Turn,
    applications: readonly Application[],
    announcer: Announcer,
    [from, to]: readonly [number, number],
  ): Request {
    const { job, allowed } = turn
    return {
      id: job.id,
      announcer,
      // What a prepared job goes to is here: nobody is asked.
      fresh: job.request.planHash !== null && job.request.targets.length === 0 && turn.cargo === null,
      named: job.wire.applications.length === 1,
      until: job.wire.until,
      allowed,
      accept: async (plans, dropped) => {
        this.refuse(turn, plans)
        for (const plan of plans) job.noteVersions(plan.name, plan.from.version, plan.to.version)
        await makeRoom(plans, applications, this.outside, dropped)
        if (job.wire.until === 'prepared') this.fix(turn, plans)
      },
      settle: async (signal) => {
        if (job.wire.atomic) await this.outside.restarts.catchUpAll(announcer.say, signal)
      },
      moved: (stage, share) => job.move(stage, from + (to - from) * share),
      begin: () => job.enter('running'),
      hold: () => {
        job.committed = true
        this.held = announcer
      },
      committed: () => (job.committed = true),
      over: (failure) => noteOver(job, applications, failure),
    }
  }

  private refuse({ job, agreed }: Turn, plans: readonly ApplicationPlan[]): void {
    const [only] = plans
    // Each of several was agreed to with the others.
    if (agreed !== null && only === undefined) return
    const shown = agreed === null || only === undefined ? job.request.planHash : (agreed.get(only.name) ?? '')
    refuseWhatWasNotAgreed(plans, shown, job.wire.atomic)
  }

  /** What is prepared is what a start goes to, and nothing else. */
  private fix({ job, prepared }: Turn, plans: readonly ApplicationPlan[]): void {
    prepared.push(...plans)
    job.fix(
      prepared.map((plan) => ({ name: plan.name, id: plan.to.id })),
      hashOf(prepared),
    )
  }
}
