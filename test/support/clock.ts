import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../src/system/clock.js'

export interface TestClock extends Clock {
  /** What was waited for so far, in milliseconds. */
  readonly waits: number[]
  /** Called in every wait. */
  onWait: () => void | Promise<void>
  /** What now() tells. */
  time: number
}

/** A wait takes one turn of the event loop, and now() stands still: rounds are counted, whatever they take. */
export const hastyClock = (): TestClock => ({
  waits: [],
  onWait: () => undefined,
  time: 0,
  now() {
    return this.time
  },
  async wait(milliseconds, signal) {
    this.waits.push(milliseconds)
    await this.onWait()
    signal?.throwIfAborted()
    await turn()
  },
  hour: () => 0,
})

/** A wait ends only when it is aborted; `reached` resolves when the first one has begun. */
export const standingClock = (): { readonly clock: Clock; readonly reached: Promise<void> } => {
  let begin = (): void => undefined
  const reached = new Promise<void>((resolve) => (begin = resolve))
  const wait = (_: number, signal?: AbortSignal): Promise<void> =>
    new Promise((_resolve, reject) => {
      begin()
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
  return { clock: { now: () => 0, wait, hour: () => 0 }, reached }
}
