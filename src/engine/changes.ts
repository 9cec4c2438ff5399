import { asMoonkeeperError, MoonkeeperError, type ErrorKind } from '../contract/error.js'
import type { Job as Wire } from '../contract/generated/types.js'
import type { Image } from '../images/images.js'
import { StatusAnswer } from '../system/http.js'
import type { Log } from '../system/log.js'
import { isRetryOf, newJob, refuseWhatDoesNotFit, type Change } from './change.js'
import { namesIn, type ImageShelf } from './carried.js'
import type { Chronicle } from './chronicle.js'
import type { Outcome } from './crash-recovery.js'
import { isUnderWay, type Job } from './job.js'
import type { Jobs } from './jobs.js'
import type { Result } from './operations.js'
import { cancelled, isAsBefore, over, reasonToStay } from './job-ends.js'
import type { Restarts } from './restarts.js'
import { reasonOf, stateAfter } from './outcomes.js'
import type { Turns } from './turns.js'
import { unattended } from './unattended.js'
import type { WaitingRoom } from './waiting-room.js'

export interface ChangesSurroundings {
  readonly jobs: Jobs
  readonly turns: Turns
  readonly images: Pick<ImageShelf, 'get'>
  readonly chronicle: Chronicle
  readonly log: Log
  /** Asked at once, and again before anything is changed. @throws when a request is refused now */
  readonly guard: Guard
  readonly stopping: AbortSignal
  /** Of the service that we run as, when an update wants it. */
  readonly restarts: Pick<Restarts, 'selfIsDue' | 'restartSelf'>
  /** Everything that was asked for is told when it is over, whatever came of it. */
  readonly announceRefreshed: () => void
  /** What nobody watches failed. */
  readonly countFailure: (names: readonly string[]) => Promise<void>
}

export interface Guard {
  /** @throws what refuses a request before it becomes a job */
  ask(change: Change): void
  /** Before `allowed`: a restart of Klipper may be under way. It never throws. */
  whenKnown(): Promise<void>
  /** @param until where it is to end now. @throws printing, recovery_while_printing, printer_unknown */
  allowed(job: Job, until: Change['until']): void
}

/** A job that ends the daemon while it is prepared must not do so for ever. */
const mostInterruptions = 3

const meansPrinting = (kind: ErrorKind): boolean =>
  kind === 'printing' || kind === 'recovery_while_printing' || kind === 'printer_unknown'

/** Nothing that an unattended update did wrong: a print, a stop, or another machine that cannot be asked now. */
const innocent: readonly ErrorKind[] = [
  'shutting_down',
  'printing',
  'recovery_while_printing',
  'remote_failed',
  'rate_limited',
]

const isInnocent = (thrown: unknown): boolean => {
  const { kind, cause } = asMoonkeeperError(thrown)
  const answer = cause instanceof MoonkeeperError ? cause.cause : cause
  return innocent.includes(kind) || (answer instanceof StatusAnswer && answer.status >= 500)
}

const isWaiting = (job: Job): boolean => job.state === 'queued' && !job.signal.aborted

const sorted = (names: readonly string[] | null): readonly string[] | null => names?.toSorted() ?? null

/** The way of a request from its door to its end: a job, its waiting, its turn, and what is written down of it. */
export class Changes {
  /** Made after this: it begins jobs. */
  room: WaitingRoom | null = null

  constructor(private readonly outside: ChangesSurroundings) {}

  /**
   * Jobs of an earlier life go on, or are over.
   * @param outcome what became of the one that was running
   * @param later the one that is still to be seen to its end; null when there is none
   */
  async resume(outcome: Outcome, later: string | null): Promise<void> {
    const { jobs } = this.outside
    for (const job of jobs.all().filter(({ id }) => id !== later)) {
      const own = outcome !== null && job.id === outcome.job ? outcome : null
      if (own !== null || job.state === 'running') await this.resumeRunning(job, own)
      else if (!job.over && job.state !== 'prepared') await this.resumeWaiting(job)
    }
    await jobs.prune()
  }

  /** The job that was still to be seen to its end is over. */
  async concluded(outcome: Outcome): Promise<void> {
    const { jobs, announceRefreshed } = this.outside
    const job = jobs.all().find(({ id }) => id === outcome?.job)
    if (job !== undefined) await this.resumeRunning(job, outcome)
    announceRefreshed()
  }

  /** Background jobs of an earlier life, in their order. To be called once the applications are known. */
  beginQueued(): void {
    const queued = this.outside.jobs.all().filter(isWaiting)
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
    const { names, image } = this.announcingRefusal(() => this.resolve(change))
    const job = jobs.create(newJob(change, names, image))
    if (job.request.background) return this.askInBackground(job)
    await this.run(job)
    return change.until === 'prepared' || change.idempotencyKey !== null ? job.wire : null
  }

  /** @throws unknown_job, job_not_prepared, printing, recovery_while_printing */
  async start(id: string): Promise<Wire> {
    const job = this.outside.jobs.get(id)
    const waits = this.room?.remove(job) === true
    if (!waits && (job.state !== 'prepared' || job.signal.aborted)) {
      throw new MoonkeeperError(
        'job_not_prepared',
        `The job ${id} is ${job.state}: only a prepared one can be started`,
      )
    }
    const until = waits ? job.wire.until : 'applied'
    this.announcingRefusal(() => {
      try {
        this.outside.guard.allowed(job, until)
      } catch (thrown) {
        if (waits) this.room?.add(job)
        throw thrown
      }
    })
    job.detach()
    await job.queue(until)
    if (isWaiting(job)) this.begin(job)
    return job.wire
  }

  /** @throws unknown_job, job_ended */
  async cancel(id: string): Promise<Wire> {
    const { jobs, turns, announceRefreshed } = this.outside
    const job = jobs.get(id)
    if (job.over || job.committed) throw over(job)
    const waited = this.room?.remove(job) === true
    const wasPrepared = job.state === 'prepared'
    // From here on nobody else begins it.
    job.abort(cancelled())
    if (wasPrepared) turns.discard(job, jobs.all())
    if (waited || wasPrepared || job.state === 'queued') await this.end(job, cancelled())
    else await job.ended
    if (job.state !== 'cancelled') throw over(job)
    announceRefreshed()
    await jobs.prune()
    return job.wire
  }

  /** Its turn has come, and nobody waits for its end. */
  begin(job: Job): void {
    job.wait('', null)
    this.run(job).catch((thrown: unknown) => {
      this.outside.log.info(
        { job: job.id, reason: asMoonkeeperError(thrown).message },
        'a job did not succeed',
      )
    })
  }

  private async resumeRunning(job: Job, outcome: Outcome): Promise<void> {
    await this.outside.chronicle.resume(job, outcome)
    if (job.state !== 'done') await this.countFailure(job)
  }

  private async resumeWaiting(job: Job): Promise<void> {
    const again =
      job.request.background && (job.state === 'queued' || job.countInterruption() < mostInterruptions)
    if (again) return job.queue(job.wire.until)
    await job.end('failed', 'interrupted', 'Moonkeeper was stopped before it began. Nothing was changed')
    await this.countFailure(job)
  }

  private async askInBackground(job: Job): Promise<Wire> {
    try {
      await job.enterOrFail('queued')
    } catch (thrown) {
      this.outside.jobs.forget(job)
      throw thrown
    }
    if (!isWaiting(job)) return job.wire
    if (this.room?.mustWait(job) === true) this.room.add(job)
    else this.begin(job)
    return job.wire
  }

  private async run(job: Job): Promise<void> {
    const { turns, jobs, announceRefreshed } = this.outside
    try {
      await turns.hold(
        job,
        () => this.inTurn(job),
        () => this.restartSelf(job),
      )
    } catch (thrown) {
      // Cancelled before its turn: nobody waits for a turn that does nothing.
      if (job.state === 'queued' && job.signal.aborted) await this.end(job, thrown)
      throw thrown
    } finally {
      announceRefreshed()
      await jobs.prune()
    }
  }

  /** Whatever comes of it is written down before the next one begins, and before a stop is over. */
  private async inTurn(job: Job): Promise<void> {
    const { turns, guard } = this.outside
    try {
      const result = await turns.take(job, async () => {
        await guard.whenKnown()
        guard.allowed(job, job.wire.until)
      })
      if (result === 'prepared') job.signal.throwIfAborted()
      await this.succeed(job, result)
    } catch (thrown) {
      const told = reasonOf(thrown, job, this.outside.stopping, null)
      if (!(await this.waitAgain(job, told))) await this.fail(job, told)
      throw told
    }
  }

  private async succeed(job: Job, result: Result): Promise<void> {
    if (result === 'prepared') {
      job.say('Prepared. It can be started.')
      await job.stayPrepared(null)
      return
    }
    await this.outside.chronicle.write(job, null)
    if (this.outside.restarts.selfIsDue) await job.awaitRestart()
    else await job.end('done', null, '')
  }

  /** Whoever waited has an answer. The next start tells that the job is done. */
  private async restartSelf(job: Job): Promise<void> {
    const { restarts, stopping, log } = this.outside
    try {
      await restarts.restartSelf(stopping)
    } catch (thrown) {
      log.error({ job: job.id, err: thrown }, 'Moonkeeper could not be restarted')
      if (job.over) return
      job.say(`Moonkeeper is to be restarted by hand: ${asMoonkeeperError(thrown).message}`)
      await job.end('done', null, '')
    }
  }

  /** A print kept it from being done: what was asked for later waits on. What stops takes it up again. */
  private async waitAgain(job: Job, thrown: unknown): Promise<boolean> {
    if (!job.request.background || job.signal.aborted) return false
    const { kind } = asMoonkeeperError(thrown)
    const prints = meansPrinting(kind) && job.wire.when !== 'now'
    if (!(prints ? isAsBefore(job, thrown) : kind === 'shutting_down' && job.state !== 'running'))
      return false
    await job.queue(job.wire.until)
    if (prints && isWaiting(job)) this.room?.add(job)
    return true
  }

  private async fail(job: Job, thrown: unknown): Promise<void> {
    const { kind, message } = asMoonkeeperError(thrown)
    const wasPrepared = job.request.targets.length > 0 && job.wire.until === 'applied'
    if (wasPrepared && job.state === 'preparing') {
      if (!job.signal.aborted) return job.stayPrepared(reasonToStay(kind, message))
      this.outside.turns.discard(job, this.outside.jobs.all())
    }
    await this.end(job, thrown)
  }

  private async end(job: Job, thrown: unknown): Promise<void> {
    if (job.over) return
    const { kind, message } = asMoonkeeperError(thrown)
    await this.outside.chronicle.write(job, thrown)
    const text = kind === 'internal' ? 'Something unexpected went wrong: look at the log' : message
    const state = stateAfter(thrown)
    if (state !== 'cancelled' && !isInnocent(thrown)) await this.countFailure(job)
    await job.end(state, kind satisfies ErrorKind, text)
  }

  private async countFailure(job: Job): Promise<void> {
    if (job.wire.asked_by === unattended) await this.outside.countFailure(job.request.names ?? [])
  }

  /** What is asked for, with the names that an image has. @throws what refuses it */
  private resolve(change: Change): { readonly names: Change['names']; readonly image: Image | null } {
    const image = change.image === null ? null : this.outside.images.get(change.image)
    const names = image === null ? change.names : namesIn(image, change.names)
    this.refuseSecondQueue({ ...change, names })
    if (change.alone === true) this.refuseUnlessAlone()
    this.outside.guard.ask({ ...change, names })
    return { names, image }
  }

  private refuseSecondQueue(change: Change): void {
    if (change.when === 'now') return
    const asked = JSON.stringify(sorted(change.names))
    const same = this.outside.jobs.find(
      (job) =>
        job.state === 'queued' &&
        job.wire.when !== 'now' &&
        job.wire.goal === change.goal &&
        (job.request.image ?? null) === change.image &&
        JSON.stringify(sorted(job.request.names)) === asked,
    )
    if (same === null) return
    throw new MoonkeeperError(
      'already_queued',
      `The same waits already: job ${same.id}. Cancel it, or let it be`,
    )
  }

  private refuseUnlessAlone(): void {
    const { jobs, turns } = this.outside
    const other = jobs.find(({ wire }) => isUnderWay(wire))
    if (other === null && turns.operation === null) return
    throw new MoonkeeperError(
      'already_running',
      `Another update is under way (${other?.id ?? turns.operation}). Ask again when it is over`,
    )
  }

  /** A refusal is announced too: a front end that waits for the end of its request looks at the status again. */
  private announcingRefusal<T>(ask: () => T): T {
    try {
      return ask()
    } catch (thrown) {
      this.outside.announceRefreshed()
      throw thrown
    }
  }
}
