import type { Clock } from '../system/clock.js'
import type { Log } from '../system/log.js'
import type { UpdateEngine } from './update-engine.js'

export interface ScheduleOptions {
  readonly enabled: boolean
  /** Hours of the day between which to look. */
  readonly window: readonly number[]
}

const interval = 3_600_000

/** Once at start, then every hour: looks at the remotes where that is due, and updates what is to be unattended. */
export class Schedule {
  private timer: NodeJS.Timeout | undefined
  private stopped = false

  constructor(
    private readonly engine: UpdateEngine,
    private readonly clock: Clock,
    private readonly log: Log,
    private options: ScheduleOptions,
  ) {}

  /** Looks at what is due, then keeps to the schedule. */
  async start(): Promise<void> {
    await this.quietly(() => this.engine.lookForChanges())
    await this.look()
    this.engine.endFirstRefresh()
    if (this.stopped) return
    this.timer = setInterval(() => void this.tick(), interval)
    this.timer.unref()
    await this.quietly(() => this.engine.updateUnattended())
  }

  change(options: ScheduleOptions): void {
    this.options = options
  }

  stop(): void {
    this.stopped = true
    clearInterval(this.timer)
  }

  private async tick(): Promise<void> {
    if (this.options.enabled && isWithin(this.clock.hour(), this.options.window)) await this.look()
    await this.quietly(() => this.engine.updateUnattended())
  }

  private look(): Promise<void> {
    return this.quietly(() => this.engine.refreshWhatIsDue())
  }

  private async quietly(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (thrown) {
      this.log.error({ err: thrown }, 'what was scheduled failed')
    }
  }
}

/** True when the hour is in the window; a window may go over midnight. */
export const isWithin = (hour: number, window: readonly number[]): boolean => {
  const [from = 0, to = 24] = window
  return from < to ? from <= hour && hour < to : hour >= from || hour < to
}
