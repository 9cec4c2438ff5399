import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { ApplicationPlan } from '../contract/generated/types.js'
import { logWith } from '../system/log.js'
import type { Application } from './application.js'
import { goalFor, labelOf } from './change.js'
import type { Fleet } from './fleet.js'
import { inOrder, upgradeOneByOne, type FullUpdateSurroundings } from './full-update.js'
import type { Job, JobOutcome, JobState } from './job.js'
import { operate, type OperationSurroundings, type Request, type Result, type Subject } from './operations.js'
import { hashOf, refuseWhatWasNotAgreed } from './planner.js'
import { Announcer, type Notifier } from './progress.js'
import { Queue } from './queue.js'
import type { Restarts } from './restarts.js'
import { UndoFailed } from './runner.js'
import { makeRoom, type RoomSurroundings } from './space.js'
import { unattended } from './unattended.js'

export interface TurnSurroundings extends OperationSurroundings, RoomSurroundings {
  readonly notifier: Notifier
  readonly restarts: Restarts
  /** Waits until Klipper is there again. */
  readonly waitForKlipper: FullUpdateSurroundings['waitForKlipper']
}

/** What a job's turn is made of. */
interface Turn {
  readonly job: Job
  readonly allowed: () => void
  /** With `part`: for an application of several, whose last line is not the last. */
  readonly announcer: (part: boolean) => Announcer
  readonly signal: AbortSignal
  /** By application, what was agreed to; null when nothing was. */
  agreed: ReadonlyMap<string, string> | null
  /** What was prepared. */
  readonly prepared: ApplicationPlan[]
}

/** Where an operation stands when it threw. */
export const stateAfter = (thrown: unknown): Extract<JobState, JobOutcome> => {
  if (!(thrown instanceof MoonkeeperError)) return 'failed'
  if (thrown.kind === 'cancelled') return 'cancelled'
  return thrown.cause instanceof UndoFailed ? 'needs_person' : 'failed'
}

/** One job at a time owns the machine. */
export class Turns {
  /** What front ends call what runs; null when nothing does. */
  operation: string | null = null
  private readonly queue = new Queue()
  private count = 0

  constructor(
    private readonly outside: TurnSurroundings,
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
   * Waits for its turn, then owns the machine until the job is over or prepared.
   * @param allowed asked before anything is changed: a print may begin while something waits
   * @throws what made it fail; the job is not ended yet
   */
  async take(job: Job, allowed: () => void): Promise<Result> {
    return this.queue.run(async () => {
      this.stopping.throwIfAborted()
      job.signal.throwIfAborted()
      this.count += 1
      this.operation = labelOf(job.wire.goal, job.request)
      this.outside.restarts.begin(false)
      this.changed()
      try {
        await job.enter('preparing', { started_at: job.wire.started_at ?? job.now(), starts_at: null })
        return await this.work(this.turn(job, allowed))
      } finally {
        this.operation = null
        this.changed()
      }
    })
  }

  /** Drops what a job prepared. */
  async discard(job: Job): Promise<void> {
    const names = job.request.targets.map(({ name }) => name)
    for (const application of this.fleet.all.filter(({ name }) => names.includes(name)))
      await application.turn.run(() => application.updater.discard())
  }

  private turn(job: Job, allowed: () => void): Turn {
    const { notifier, clock, log } = this.outside
    const label = labelOf(job.wire.goal, job.request)
    const id = this.count
    const known = logWith(log, { job: job.id })
    const keep = (line: string): void => job.say(line)
    const announcer = (part: boolean): Announcer =>
      new Announcer(label, id, notifier, () => clock.now(), part, known, keep)
    return {
      job,
      allowed,
      announcer,
      signal: AbortSignal.any([this.stopping, job.signal]),
      agreed: null,
      prepared: [],
    }
  }

  private async work(turn: Turn): Promise<Result> {
    const { job } = turn
    const { names } = job.request
    if (job.wire.atomic) return this.asOne(turn)
    if (names?.length === 1) return this.one(turn, names[0] ?? '')
    return this.oneByOne(turn)
  }

  private subject(job: Job, application: Application): Subject {
    return { application, goal: goalFor(job.wire.goal, job.request, application.name) }
  }

  /** To be called in a turn: the set may be another one than when it was asked. */
  private chosen(job: Job): readonly Application[] {
    const { names, targets } = job.request
    const chosen = targets.length > 0 ? targets.map(({ name }) => name) : names
    return inOrder(chosen === null ? this.fleet.all : chosen.map((name) => this.fleet.find(name)))
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
      allowed: turn.allowed,
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
    const plans: ApplicationPlan[] = []
    for (const application of chosen) {
      const { goal } = this.subject(job, application)
      const context = { signal, progress: turn.announcer(true).say, shown: false }
      const survey = await application.turn.run(() => application.updater.survey(goal, context))
      plans.push(survey.plan)
    }
    refuseWhatWasNotAgreed(plans, job.request.planHash, false)
    return new Map(plans.map((plan) => [plan.name, hashOf([plan])]))
  }

  private async operate(
    applications: readonly Application[],
    turn: Turn,
    announcer: Announcer,
    span: readonly [number, number],
  ): Promise<Result> {
    const { job } = turn
    for (const { name, status } of applications.map((one) => ({ name: one.name, status: one.status() })))
      job.noteVersions(name, status?.version ?? '?', null)
    const note = (outcome: JobOutcome): void =>
      applications.forEach(({ name }) => job.noteOutcome(name, outcome))
    try {
      const subjects = applications.map((application) => this.subject(job, application))
      const request = this.request(turn, applications, announcer, span)
      const result = await inTheirTurns(applications, () =>
        operate(subjects, request, this.outside, turn.signal),
      )
      if (result !== 'prepared') this.noteDone(job, applications)
      return result
    } catch (thrown) {
      note(stateAfter(thrown))
      if (job.wire.asked_by === unattended) await countFailure(applications)
      throw thrown
    } finally {
      this.changed()
    }
  }

  private noteDone(job: Job, applications: readonly Application[]): void {
    for (const application of applications) {
      const part = job.wire.applications.find(({ name }) => name === application.name)
      // Only what was planned to change has a version to go to.
      if (part === undefined || part.to === null) {
        job.noteOutcome(application.name, 'not_needed')
        continue
      }
      job.noteVersions(part.name, part.from ?? '?', application.status()?.version ?? part.to)
      job.noteOutcome(part.name, 'done')
    }
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
      until: job.wire.until,
      allowed,
      accept: async (plans) => {
        this.refuse(turn, plans)
        for (const plan of plans) job.noteVersions(plan.name, plan.from.version, plan.to.version)
        if (job.wire.until === 'prepared') this.fix(turn, plans)
        await makeRoom(plans, applications, this.outside)
      },
      moved: (stage, share) => job.move(stage, from + (to - from) * share),
      begin: () => job.enter('running'),
      committed: () => (job.committed = true),
    }
  }

  private refuse({ job, agreed }: Turn, plans: readonly ApplicationPlan[]): void {
    const [only] = plans
    // Each of several was agreed to with the others.
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

/** Unattended updates that keep failing end. What cannot be written down counts until the next start. */
const countFailure = async (applications: readonly Application[]): Promise<void> => {
  for (const application of applications) {
    application.failures += 1
    await application.save().catch(() => undefined)
  }
}

/** Holds the turn of each, in the order of their names: nobody else uses their updaters. */
const inTheirTurns = <T>(applications: readonly Application[], work: () => Promise<T>): Promise<T> => {
  const sorted = [...applications].sort((a, b) => (a.name < b.name ? -1 : 1))
  const held = sorted.reduceRight<() => Promise<T>>(
    (inner, { turn }) =>
      () =>
        turn.run(inner),
    work,
  )
  return held()
}
