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

export interface MovingClock extends Clock {
  /** What hour() tells. */
  at: number
  /** Time passes, a second at a time, and what waited for it goes on. */
  pass(seconds: number): Promise<void>
  /** The clock is set: no time passes. */
  set(milliseconds: number): void
}

/** Time passes only when the test says so. */
export const movingClock = (start: number = Date.UTC(2026, 5, 1)): MovingClock => {
  let time = start
  let passed = 0
  const waiting = new Set<{ readonly due: number; readonly resolve: () => void }>()
  const second = async (): Promise<void> => {
    time += 1000
    passed += 1000
    for (const one of [...waiting].filter(({ due }) => due <= passed)) {
      waiting.delete(one)
      one.resolve()
    }
    await turn()
    await turn()
  }
  return {
    at: 0,
    now: () => time,
    hour() {
      return this.at
    },
    wait: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const leave = (): void => {
          waiting.delete(one)
          reject(signal?.reason as Error)
        }
        const end = (): void => {
          signal?.removeEventListener('abort', leave)
          resolve()
        }
        const one = { due: passed + milliseconds, resolve: end }
        waiting.add(one)
        if (signal?.aborted === true) leave()
        else signal?.addEventListener('abort', leave, { once: true })
      }),
    pass: async (seconds) => {
      for (let count = 0; count < seconds; count += 1) await second()
    },
    set: (milliseconds) => (time = milliseconds),
  }
}
