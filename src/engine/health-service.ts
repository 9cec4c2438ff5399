import type { Services, ServiceState } from '../machine/services.js'
import type { Clock } from '../system/clock.js'
import { healthFailure, inSeconds, inTimes, timeToComeUp, type Look, type Sign } from './health-sign.js'

/** How long one that was restarted by itself is watched before the update, in milliseconds. */
const longestWatchBefore = 10_000

const isSameRun = (one: ServiceState, other: ServiceState): boolean =>
  other.active && other.restarts === one.restarts && other.since === one.since

/** What happened to a service that was up. */
const whatHappened = (up: ServiceState, now: ServiceState): string =>
  now.active || now.restarts > up.restarts
    ? `was restarted ${inTimes(Math.max(1, now.restarts - up.restarts))}`
    : `ended (${now.sub})`

/** What one service did since the update. */
class Watch {
  private up: { readonly state: ServiceState; readonly at: number } | null = null
  /** When something was known of it, in milliseconds since the first look. */
  private knownAt = 0

  constructor(
    private readonly service: string,
    private readonly settleTime: number,
  ) {}

  /** @returns true when it stayed up for the settle time */
  see(state: ServiceState | null, passed: number): boolean {
    if (state === null) return this.seeNothing(passed)
    this.knownAt = passed
    if (state.sub === 'failed') throw this.fault(`failed within ${inSeconds(passed)}`)
    if (this.up === null) return this.seeFirst(state, passed)
    if (!isSameRun(this.up.state, state))
      throw this.fault(`${whatHappened(this.up.state, state)} within ${inSeconds(passed)}`)
    return this.isSettled(passed)
  }

  private seeNothing(passed: number): boolean {
    if (passed - this.knownAt < timeToComeUp) return false
    throw this.fault(`does not exist, or systemd did not answer, for ${inSeconds(passed - this.knownAt)}`)
  }

  private seeFirst(state: ServiceState, passed: number): boolean {
    if (state.active) this.up = { state, at: passed }
    else if (passed >= timeToComeUp)
      throw this.fault(`was not active (${state.sub}) within ${inSeconds(passed)}`)
    return this.isSettled(passed)
  }

  private isSettled(passed: number): boolean {
    return this.up !== null && passed - this.up.at >= this.settleTime
  }

  private fault(what: string): Error {
    return healthFailure(
      `Service ${this.service} ${what} after the update: look at journalctl -u ${this.service}`,
    )
  }
}

/**
 * A service that ran must run again, and stay up without a restart for the settle time.
 * One that was in a crash loop already did not run.
 * @param settleTime in milliseconds
 */
export const serviceSign = (
  service: string,
  settleTime: number,
  services: Pick<Services, 'state'>,
  clock: Clock,
): Sign => ({
  key: `service ${service}`,
  what: `service ${service}`,
  broken: 'it did not run',
  limit: 10_000,
  async before(signal) {
    const state = await services.state(service, signal)
    if (state === null) return null
    if (!state.active || state.restarts === 0) return state.active
    await clock.wait(Math.min(settleTime, longestWatchBefore), signal)
    const later = await services.state(service, signal)
    return later === null ? null : isSameRun(state, later)
  },
  watch(): Look {
    const watch = new Watch(service, settleTime)
    return async (passed, signal) => watch.see(await services.state(service, signal), passed)
  },
})
