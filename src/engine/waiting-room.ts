import type { Clock } from '../system/clock.js'
import type { Job } from './job.js'
import { isWithin } from './schedule.js'

export interface WaitingSurroundings {
  readonly clock: Clock
  readonly isPrinting: () => boolean
  /** False while Klipper does not say whether it prints. */
  readonly isKnown: () => boolean
  /** The hours in which a job with `when: "window"` may begin, of each of its applications; none: any time. */
  readonly windowsOf: (job: Job) => readonly (readonly number[])[]
  /** It is its turn. */
  readonly begin: (job: Job) => void
}

/** Milliseconds between the end of a print and the job: whoever prints on can cancel it. */
const countdown = 60_000
const interval = 1_000

/** A difference to the wall clock beyond this many milliseconds: it was set. */
const tolerance = 10_000

/** Jobs that wait for the end of a print, or for their hours. Nothing is looked at while none waits. */
export class WaitingRoom {
  private readonly waiting = new Set<Job>()
  private watching: AbortController | null = null
  private closed = false

  constructor(private readonly outside: WaitingSurroundings) {}

  /** True when the job must wait: otherwise it can begin at once. */
  mustWait(job: Job): boolean {
    return job.wire.when !== 'now' && (this.mayPrint() || !this.isOpen(job))
  }

  /** In a room that is closed it just waits: a later start takes it up. */
  add(job: Job): void {
    if (this.closed) return
    this.waiting.add(job)
    this.look(job)
    if (this.waiting.size === 0 || this.watching !== null) return
    this.watching = new AbortController()
    void this.watch(this.watching.signal)
  }

  /** @returns false when it does not wait */
  remove(job: Job): boolean {
    const found = this.waiting.delete(job)
    if (this.waiting.size === 0) this.rest()
    return found
  }

  /** Nobody comes or begins any more. */
  close(): void {
    this.closed = true
    this.waiting.clear()
    this.rest()
  }

  private rest(): void {
    this.watching?.abort()
    this.watching = null
  }

  private async watch(signal: AbortSignal): Promise<void> {
    const { clock } = this.outside
    for (;;) {
      const before = clock.now()
      // It rejects only when nobody waits any more.
      await clock.wait(interval, signal).catch(() => undefined)
      if (signal.aborted) return
      this.heedClock(clock.now() - before - interval)
      for (const job of [...this.waiting]) this.look(job)
    }
  }

  /** A board without a clock of its own hears the time after its start: no countdown is over because of that. */
  private heedClock(jump: number): void {
    if (Math.abs(jump) < tolerance) return
    for (const job of this.waiting) {
      const { starts_at: startsAt, stage } = job.wire
      if (startsAt !== null) job.wait(stage, startsAt + jump / 1000)
    }
  }

  private mayPrint(): boolean {
    return this.outside.isPrinting() || !this.outside.isKnown()
  }

  private isOpen(job: Job): boolean {
    if (job.wire.when !== 'window') return true
    return this.outside.windowsOf(job).every((window) => isWithin(this.outside.clock.hour(), window))
  }

  private look(job: Job): void {
    const now = this.outside.clock.now()
    if (!this.isOpen(job)) job.wait('waits for update_window', null)
    else if (this.outside.isPrinting()) job.wait('waits for the end of the print', null)
    else if (this.mayPrint()) job.wait('waits for Klipper to say whether it prints', null)
    else if (job.wire.starts_at === null)
      job.wait('begins soon: cancel it to print on', (now + countdown) / 1000)
    else if (now >= job.wire.starts_at * 1000) {
      this.remove(job)
      this.outside.begin(job)
    }
  }
}
