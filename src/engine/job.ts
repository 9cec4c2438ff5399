import type { ErrorKind } from '../contract/error.js'
import type { Job as Wire, JobRecord, LogLine } from '../contract/generated/types.js'
import type { Clock } from '../system/clock.js'
import type { Log } from '../system/log.js'
import type { JobStore } from './job-store.js'

export type JobState = Wire['state']
export type JobRequest = JobRecord['request']
export type JobOutcome = NonNullable<Wire['applications'][number]['outcome']>

const over: readonly JobState[] = ['done', 'failed', 'needs_person', 'cancelled']

export const isOver = (state: JobState): boolean => over.includes(state)

export interface JobSurroundings {
  readonly store: JobStore
  readonly clock: Clock
  readonly log: Log
  /** Told of every change, with the line that was said, if one was. */
  readonly changed: (job: Wire) => void
}

/** An operation from its request to its end, on the disk at every change of its state. */
export class Job {
  private controller = new AbortController()
  private resolveEnded: () => void = () => undefined
  /** Resolves when it is over, or prepared. */
  ended: Promise<void> = Promise.resolve()
  /** True past the point of no return. */
  committed = false

  constructor(
    private record: JobRecord,
    private readonly outside: JobSurroundings,
  ) {}

  get id(): string {
    return this.record.job.id
  }

  get wire(): Wire {
    return this.record.job
  }

  get request(): JobRequest {
    return this.record.request
  }

  get state(): JobState {
    return this.record.job.state
  }

  get over(): boolean {
    return isOver(this.state)
  }

  /** Aborted when the job is cancelled. */
  get signal(): AbortSignal {
    return this.controller.signal
  }

  /** Keeps a line, and tells it. */
  say(text: string): void {
    const line: LogLine = { seq: this.wire.last_seq + 1, time: this.now(), text }
    this.set({ last_seq: line.seq })
    this.outside.store.append(this.id, line)
    this.outside.changed({ ...this.wire, log: [line] })
  }

  /** What goes on now. @param progress of the whole, 0 to 1; it never goes back */
  move(stage: string, progress: number): void {
    this.set({ stage, progress: Math.max(this.wire.progress, Math.min(1, progress)) })
    this.outside.changed(this.wire)
  }

  /** Waits for its turn, from the beginning. */
  async queue(until: Wire['until']): Promise<void> {
    this.controller = new AbortController()
    await this.enter('queued', { until, stage: '', starts_at: null, progress: 0, error: null })
  }

  /** It waits. @param startsAt unix seconds of the end of the countdown; null when none runs */
  wait(stage: string, startsAt: number | null): void {
    if (this.wire.stage === stage && this.wire.starts_at === startsAt) return
    this.set({ stage, starts_at: startsAt })
    this.outside.changed(this.wire)
  }

  /** What is known of the parts. Kept with the next change of state. */
  noteVersions(name: string, from: string, to: string | null): void {
    this.notePart(name, { from, to })
  }

  noteOutcome(name: string, outcome: JobOutcome): void {
    this.notePart(name, { outcome })
  }

  /** What a start is to go to, and what its plan must be. */
  fix(targets: JobRequest['targets'], planHash: string): void {
    this.record = { ...this.record, request: { ...this.request, targets, planHash } }
    this.set({ plan_hash: planHash })
  }

  /** A disk that takes nothing keeps no operation from going on. */
  async enter(state: JobState, change: Partial<Wire> = {}): Promise<void> {
    await this.enterOrFail(state, change).catch((thrown: unknown) => {
      this.outside.log.error({ job: this.id, state, err: thrown }, 'the job could not be written down')
    })
  }

  /** @throws when it could not be written down: nothing must be promised then */
  async enterOrFail(state: JobState, change: Partial<Wire> = {}): Promise<void> {
    if (state === 'preparing') this.ended = new Promise((resolve) => (this.resolveEnded = resolve))
    this.set({ ...change, state })
    this.outside.changed(this.wire)
    if (this.isWorthKeeping(state)) await this.outside.store.save(this.record)
    if (state === 'prepared' || isOver(state)) this.resolveEnded()
  }

  /** The last change. */
  async end(state: JobState, code: ErrorKind | null, message: string): Promise<void> {
    await this.outside.store.settled()
    await this.enter(state, {
      stage: '',
      starts_at: null,
      ended_at: this.now(),
      error: code === null ? null : { code, message },
      progress: state === 'done' ? 1 : this.wire.progress,
    })
  }

  /** Its signal aborts with the reason. */
  abort(reason: Error): void {
    this.controller.abort(reason)
  }

  now(): number {
    return this.outside.clock.now() / 1000
  }

  /** Whoever waits for the answer loses nothing when a job that changed nothing yet is gone. */
  private isWorthKeeping(state: JobState): boolean {
    return this.request.background || (state !== 'queued' && state !== 'preparing')
  }

  private set(change: Partial<Wire>): void {
    this.record = { ...this.record, job: { ...this.wire, ...change } }
  }

  private notePart(name: string, change: Partial<Wire['applications'][number]>): void {
    const known = this.wire.applications
    const part = known.find((candidate) => candidate.name === name)
    const added = { name, from: null, to: null, outcome: null, ...change }
    this.set({
      applications:
        part === undefined
          ? [...known, added]
          : known.map((candidate) => (candidate === part ? { ...part, ...change } : candidate)),
    })
  }
}
