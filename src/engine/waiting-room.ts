import type { Clock } from '../system/clock.js'
import type { Job } from './job.js'
import { isWithin } from './schedule.js'

export interface WaitingSurroundings {
  readonly clock: Clock
  readonly isPrinting: () => boolean
  /** The hours in which a job with `when: "window"` may begin; null: any time. */
  readonly windowOf: (job: Job) => readonly number[] | null
  /** It is its turn. */
  readonly begin: (job: Job) => void
}

/** Milliseconds between the end of a print and the job: whoever prints on can cancel it. */
const countdown = 60_000
const interval = 1_000

/** Jobs that wait for the end of a print, or for their hours. Nothing is looked at while none waits. */
export class WaitingRoom {
  private readonly waiting = new Set<Job>()
  private timer: NodeJS.Timeout | undefined

  constructor(private readonly outside: WaitingSurroundings) {}

  /** True when the job must wait: otherwise it can begin at once. */
  mustWait(job: Job): boolean {
    return job.wire.when !== 'now' && (this.outside.isPrinting() || !this.isOpen(job))
  }

  add(job: Job): void {
    this.waiting.add(job)
    this.look(job)
    this.timer ??= setInterval(() => [...this.waiting].forEach((one) => this.look(one)), interval)
  }

  /** @returns false when it does not wait */
  remove(job: Job): boolean {
    const found = this.waiting.delete(job)
    if (this.waiting.size === 0) this.stop()
    return found
  }

  stop(): void {
    clearInterval(this.timer)
    this.timer = undefined
  }

  private isOpen(job: Job): boolean {
    const window = job.wire.when === 'window' ? this.outside.windowOf(job) : null
    return window === null || isWithin(this.outside.clock.hour(), window)
  }

  private look(job: Job): void {
    const now = this.outside.clock.now()
    if (!this.isOpen(job)) job.wait('waits for update_window', null)
    else if (this.outside.isPrinting()) job.wait('waits for the end of the print', null)
    else if (job.wire.starts_at === null)
      job.wait('begins soon: cancel it to print on', (now + countdown) / 1000)
    else if (now >= job.wire.starts_at * 1000) {
      this.remove(job)
      this.outside.begin(job)
    }
  }
}
