import { MoonkeeperError } from '../contract/error.js'

/**
 * One look. Called about once a second until it is true.
 * @param passed milliseconds since the first look
 * @returns true when there is nothing more to wait for
 * @throws health_failed when it does not live
 */
export type Look = (passed: number, signal: AbortSignal) => Promise<boolean>

/** One thing that shows whether an application lives. */
export interface Sign {
  /** Names it in what is remembered from before the update. */
  readonly key: string
  /** For people: `service demo`. */
  readonly what: string
  /** For people: what it did not do when it was broken before. */
  readonly broken: string
  /** Milliseconds that one look takes at most. */
  readonly limit: number
  /** True when it worked before the update; null when that cannot be known. */
  before(signal: AbortSignal): Promise<boolean | null>
  /** Begins to look after the update. */
  watch(): Look
}

/** How long what was started may need to come up, in milliseconds. */
export const timeToComeUp = 30_000

export const healthFailure = (text: string): MoonkeeperError => new MoonkeeperError('health_failed', text)

const times = (count: number, what: string): string => (count === 1 ? `1 ${what}` : `${count} ${what}s`)

export const inTimes = (count: number): string => times(count, 'time')

/** Whole seconds, at least one: nobody is helped by `within 0 seconds`. */
export const inSeconds = (milliseconds: number): string =>
  times(Math.max(1, Math.round(milliseconds / 1000)), 'second')
