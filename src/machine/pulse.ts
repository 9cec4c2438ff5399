import type { NotificationMap, ThrottledState } from '../contract/generated/types.js'
import type { Statistics } from './statistics.js'
import type { Throttling } from './throttling.js'

export interface PulseSetup {
  readonly statistics: Pick<Statistics, 'tick' | 'sample'>
  readonly throttling: Throttling
  readonly connections: () => number
  readonly told: {
    readonly statistics: (update: NotificationMap['notify_proc_stat_update']) => void
    readonly throttled: (state: ThrottledState) => void
  }
}

const second = 1_000
/** compat: in seconds; it is a program that is started. */
const throttlingInterval = 10

/**
 * What is told every second. Without anybody to hear it only the history goes on: an idle daemon costs next to nothing.
 */
export class Pulse {
  private timer: NodeJS.Timeout | undefined
  private count = 0
  private throttled = 0

  constructor(private readonly setup: PulseSetup) {}

  start(): void {
    this.timer = setInterval(() => this.beat(), second)
  }

  stop(): void {
    clearInterval(this.timer)
  }

  /** Once a second. */
  beat(): void {
    const { statistics, connections, told } = this.setup
    const entry = statistics.tick()
    const heard = connections()
    if (heard === 0) return
    told.statistics({ moonraker_stats: entry, ...statistics.sample(), websocket_connections: heard })
    if (this.count % throttlingInterval === 0) void this.askThrottling()
    this.count += 1
  }

  private async askThrottling(): Promise<void> {
    const state = await this.setup.throttling.state()
    if (state === null || state.bits === this.throttled) return
    this.throttled = state.bits
    this.setup.told.throttled(state)
  }
}
