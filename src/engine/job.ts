import { harmless } from '../contract/text.js'
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

/** It has its turn, or has asked for the next one. What waits for an hour or the end of a print has not. */
export const isUnderWay = ({ state, when }: Pick<Wire, 'state' | 'when'>): boolean =>
  state === 'preparing' || state === 'running' || (state === 'queued' && when === 'now')

export interface JobSurroundings {
  readonly store: JobStore
  readonly clock: Clock
  readonly log: Log
  /** Told of every change, with the line that was said, if one was. */
  readonly changed: (job: Wire) => void
}

/** Resolves once `open` was called. */
class Gate {
  open: () => void = () => undefined
  readonly opened = new Promise<void>((resolve) => (this.open = resolve))
}

/** An operation from its request to its end, on the disk at every change of its state. */
export class Job {
  private controller = new AbortController()
  private gate = new Gate()
  private ending: Promise<void> | null = null
  /** What was written down last. */
  private kept = ''
  /** True past the point of no return. */
  committed = false
  /** True when its changes were undone: what comes then is not why. */
  undone = false

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

  /** The applications that something was prepared for. */
  get targetNames(): readonly string[] {
    return this.request.targets.map(({ name }) => name)
  }

  /** Its place in the order of all. */
  get number(): number {
    return this.record.number ?? 0
  }

  /** Resolves when it is over, or prepared; to be asked for after it was queued. */
  get ended(): Promise<void> {
    return this.gate.opened
  }

  /** Aborted when the job is cancelled: from then on it does nothing but end. */
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

  /** Waits for its turn, from the beginning: nothing was changed. */
  async queue(until: Wire['until']): Promise<void> {
    this.controller = new AbortController()
    this.gate = new Gate()
    this.committed = false
    this.undone = false
    this.forgetOutcomes()
    await this.enter('queued', { until, stage: '', starts_at: null, error: null })
  }

  /** It goes on when nobody waits for its answer, also after a restart. */
  detach(): void {
    this.record = { ...this.record, request: { ...this.request, background: true } }
  }

  /** It was prepared when Moonkeeper ended, not asked to. @returns how often until now */
  countInterruption(): number {
    const interruptions = (this.record.interruptions ?? 0) + 1
    this.record = { ...this.record, interruptions }
    return interruptions
  }

  /** It waits. @param startsAt unix seconds of the end of the countdown; null when none runs */
  wait(stage: string, startsAt: number | null): void {
    if (this.wire.stage === stage && this.wire.starts_at === startsAt) return
    this.set({ stage, starts_at: startsAt })
    this.outside.changed(this.wire)
  }

  /** Its parts, in their order. What is known of one stays. */
  noteParts(names: readonly string[]): void {
    for (const name of names) this.notePart(name, {})
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

  /** All is done but for our own restart: the next start ends it. */
  async awaitRestart(): Promise<void> {
    this.committed = true
    await this.enter('running', { stage: 'restarting Moonkeeper' })
  }

  /** What was prepared stays so: nothing was changed. */
  async stayPrepared(error: Wire['error']): Promise<void> {
    this.forgetOutcomes()
    await this.enter('prepared', { stage: '', until: 'prepared', error })
  }

  /** A disk that takes nothing keeps no operation from going on. */
  async enter(state: JobState, change: Partial<Wire> = {}): Promise<void> {
    await this.enterOrFail(state, change).catch((thrown: unknown) => this.noteUnwritten(thrown))
  }

  /** @throws when it could not be written down: nothing must be promised then */
  async enterOrFail(state: JobState, change: Partial<Wire> = {}): Promise<void> {
    this.set({ ...change, state, ...(isOver(state) ? {} : { entered: this.enteredWith(state) }) })
    this.outside.changed(this.wire)
    try {
      if (this.isWorthKeeping(state)) await this.save()
    } finally {
      if (state === 'prepared' || isOver(state)) this.gate.open()
    }
  }

  /** Writes down what is known, unless that was all written down before. */
  async keep(): Promise<void> {
    if (!this.isWorthKeeping(this.state) || this.essence() === this.kept) return
    await this.save().catch((thrown: unknown) => this.noteUnwritten(thrown))
  }

  /** The last change, once. */
  async end(state: JobState, code: ErrorKind | null, message: string): Promise<void> {
    this.ending ??= this.endOnce(state, code, message)
    await this.ending
  }

  /** Somebody knows how it ended. @throws when that could not be written down */
  async dismiss(): Promise<void> {
    if (this.wire.dismissed_at !== undefined) return
    const before = this.record
    this.set({ dismissed_at: this.now() })
    try {
      await this.save()
    } catch (thrown) {
      this.record = before
      throw thrown
    }
    this.outside.changed(this.wire)
  }

  /** Its signal aborts with the reason. */
  abort(reason: Error): void {
    this.controller.abort(reason)
  }

  now(): number {
    return this.outside.clock.now() / 1000
  }

  private async endOnce(state: JobState, code: ErrorKind | null, message: string): Promise<void> {
    await this.outside.store.settled()
    await this.enter(state, {
      stage: '',
      starts_at: null,
      ended_at: this.now(),
      error: code === null ? null : { code, message: harmless(message) },
      progress: state === 'done' ? 1 : this.wire.progress,
    })
  }

  private async save(): Promise<void> {
    const essence = this.essence()
    await this.outside.store.save(this.record)
    this.kept = essence
  }

  /** What a start must know of it: what it did last is seen from its lines. */
  private essence(): string {
    return JSON.stringify({ ...this.record, job: { ...this.wire, stage: '', progress: 0, last_seq: 0 } })
  }

  /** Whoever waits for the answer loses nothing when a job that changed nothing yet is gone. */
  private isWorthKeeping(state: JobState): boolean {
    return this.request.background || (state !== 'queued' && state !== 'preparing')
  }

  private noteUnwritten(thrown: unknown): void {
    const fields = { job: this.id, state: this.state, err: thrown }
    this.outside.log.error(fields, 'the job could not be written down')
  }

  private set(change: Partial<Wire>): void {
    this.record = { ...this.record, job: { ...this.wire, ...change } }
  }

  private enteredWith(state: JobState): NonNullable<Wire['entered']> {
    return { ...this.wire.entered, [state]: this.now() }
  }

  private forgetOutcomes(): void {
    this.set({ applications: this.wire.applications.map((part) => ({ ...part, outcome: null })) })
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
