import { asMoonkeeperError, MoonkeeperError, type ErrorKind } from '../contract/error.js'
import type { Job as Wire } from '../contract/generated/types.js'
import type { Log } from '../system/log.js'
import { isRetryOf, newJob, refuseWhatDoesNotFit, type Change } from './change.js'
import type { Chronicle } from './chronicle.js'
import type { Outcome } from './crash-recovery.js'
import type { Job } from './job.js'
import type { Jobs } from './jobs.js'
import type { Result } from './operations.js'
import { stateAfter, type Turns } from './turns.js'
import type { WaitingRoom } from './waiting-room.js'

export interface ChangesSurroundings {
  readonly jobs: Jobs
  readonly turns: Turns
  readonly chronicle: Chronicle
  readonly log: Log
  /** Asked at once, and again before anything is changed. @throws when a request is refused now */
  readonly guard: Guard
  readonly stopping: AbortSignal
  /** Everything that was asked for is told when it is over, whatever came of it. */
  readonly announceRefreshed: () => void
}

export interface Guard {
  /** @throws what refuses a request before it becomes a job */
  ask(change: Change): void
  /** @throws printing, recovery_while_printing */
  allowed(job: Job): void
}

const cancelled = (): MoonkeeperError =>
  new MoonkeeperError('cancelled', 'Cancelled: nothing was changed, or all was undone')

const over = (job: Job): MoonkeeperError =>
  new MoonkeeperError('job_ended', `The job ${job.id} is over (${job.state}), there is nothing to cancel`)

/** The way of a request from its door to its end: a job, its waiting, its turn, and what is written down of it. */
export class Changes {
  /** Made after this: it begins jobs. */
  room: WaitingRoom | null = null

  constructor(private readonly outside: ChangesSurroundings) {}

  /** Jobs of an earlier life go on, or are over. @param outcome what became of the one that was running */
  async resume(outcome: Outcome): Promise<void> {
    const { jobs, chronicle } = this.outside
    for (const job of jobs.all()) {
      const under = outcome !== null && job.id === outcome.job
      if (under || job.state === 'running') {
        await chronicle.resume(job, under ? outcome : null)
        continue
      }
      if (job.over || job.state === 'prepared') continue
      if (job.request.background) await this.queueAgain(job)
      else
        await job.end('failed', 'interrupted', 'Moonkeeper was stopped before it began. Nothing was changed')
    }
    await jobs.prune()
  }

  /** Background jobs of an earlier life, in their order. To be called once the applications are known. */
  beginQueued(): void {
    const queued = this.outside.jobs.all().filter((job) => job.state === 'queued')
    for (const job of queued.reverse()) {
      if (job.wire.when === 'now') this.begin(job)
      else this.room?.add(job)
    }
  }

  /**
   * @returns the job when nobody waits for its end; else null, when it is over
   * @throws what refused it, or made it fail
   */
  async ask(change: Change): Promise<Wire | null> {
    const { jobs } = this.outside
    refuseWhatDoesNotFit(change)
    const earlier = jobs.find((job) => isRetryOf(change, job))
    if (earlier !== null) return earlier.wire
    this.announcingRefusal(() => {
      this.refuseSecondQueue(change)
      this.outside.guard.ask(change)
    })
    const job = jobs.create(newJob(change))
    if (job.request.background) return this.askInBackground(job)
    await this.run(job)
    return change.until === 'prepared' || change.idempotencyKey !== null ? job.wire : null
  }

  /** @throws unknown_job, job_not_prepared */
  async start(id: string): Promise<Wire> {
    const job = this.outside.jobs.get(id)
    const waits = this.room?.remove(job) === true
    if (!waits && job.state !== 'prepared') {
      throw new MoonkeeperError(
        'job_not_prepared',
        `The job ${id} is ${job.state}: only a prepared one can be started`,
      )
    }
    this.announcingRefusal(() => {
      try {
        this.outside.guard.allowed(job)
      } catch (thrown) {
        if (waits) this.room?.add(job)
        throw thrown
      }
    })
    await job.queue(waits ? job.wire.until : 'applied')
    this.begin(job)
    return job.wire
  }

  /** @throws unknown_job, job_ended */
  async cancel(id: string): Promise<Wire> {
    const job = this.outside.jobs.get(id)
    if (job.over || job.committed) throw over(job)
    const waited = this.room?.remove(job) === true
    if (waited || job.state === 'prepared') {
      if (job.state === 'prepared') await this.outside.turns.discard(job)
      await this.end(job, cancelled())
      this.outside.announceRefreshed()
      return job.wire
    }
    job.abort(cancelled())
    if (job.state === 'queued') await this.end(job, cancelled())
    else await job.ended
    if (job.state !== 'cancelled') throw over(job)
    return job.wire
  }

  /** Its turn has come, and nobody waits for its end. */
  begin(job: Job): void {
    this.run(job).catch((thrown: unknown) => {
      this.outside.log.info(
        { job: job.id, reason: asMoonkeeperError(thrown).message },
        'a job did not succeed',
      )
    })
  }

  private async askInBackground(job: Job): Promise<Wire> {
    await job.enterOrFail('queued')
    if (this.room?.mustWait(job) === true) this.room.add(job)
    else this.begin(job)
    return job.wire
  }

  private async queueAgain(job: Job): Promise<void> {
    await job.queue(job.wire.until)
  }

  private async run(job: Job): Promise<void> {
    const { turns, guard, jobs, announceRefreshed } = this.outside
    try {
      const result = await turns.take(job, () => guard.allowed(job))
      await this.succeed(job, result)
    } catch (thrown) {
      if (!(await this.waitAgain(job, thrown))) await this.fail(job, thrown)
      throw thrown
    } finally {
      announceRefreshed()
      await jobs.prune()
    }
  }

  private async succeed(job: Job, result: Result): Promise<void> {
    if (result === 'prepared') {
      job.say('Prepared. It can be started.')
      await job.enter('prepared', { stage: '', error: null })
      return
    }
    await this.outside.chronicle.write(job, null)
    await job.end('done', null, '')
  }

  /** A print began before anything was changed: what was asked for later waits on. What stops takes it up again. */
  private async waitAgain(job: Job, thrown: unknown): Promise<boolean> {
    const { kind } = asMoonkeeperError(thrown)
    const unchanged = job.request.background && job.state !== 'running' && !job.over
    if (!unchanged) return false
    if (kind === 'shutting_down') {
      await this.queueAgain(job)
      return true
    }
    if ((kind !== 'printing' && kind !== 'recovery_while_printing') || job.wire.when === 'now') return false
    await this.queueAgain(job)
    this.room?.add(job)
    return true
  }

  private async fail(job: Job, thrown: unknown): Promise<void> {
    const { kind, message } = asMoonkeeperError(thrown)
    if (kind === 'plan_changed' && job.request.targets.length > 0) {
      await job.enter('prepared', { error: { code: kind, message }, stage: '', until: 'prepared' })
      return
    }
    await this.end(job, thrown)
  }

  private async end(job: Job, thrown: unknown): Promise<void> {
    if (job.over) return
    const { kind, message } = asMoonkeeperError(thrown)
    await this.outside.chronicle.write(job, thrown)
    const text = kind === 'internal' ? 'Something unexpected went wrong: look at the log' : message
    await job.end(stateAfter(thrown), kind satisfies ErrorKind, text)
  }

  private refuseSecondQueue(change: Change): void {
    if (change.when === 'now') return
    const asked = JSON.stringify(change.names)
    const same = this.outside.jobs.find(
      (job) =>
        job.state === 'queued' &&
        job.wire.when !== 'now' &&
        job.wire.goal === change.goal &&
        JSON.stringify(job.request.names) === asked,
    )
    if (same === null) return
    throw new MoonkeeperError(
      'already_queued',
      `The same waits already: job ${same.id}. Cancel it, or let it be`,
    )
  }

  /** A refusal is announced too: a front end that waits for the end of its request looks at the status again. */
  private announcingRefusal(ask: () => void): void {
    try {
      ask()
    } catch (thrown) {
      this.outside.announceRefreshed()
      throw thrown
    }
  }
}
