import type { Clock } from '../../src/system/clock.js'

/** A clock that does not wait: it notes for how long it was asked to, and is so much later. */
export const quickClock = (start = 1_700_000_000_000): Clock & { readonly waits: number[] } => {
  let now = start
  const waits: number[] = []
  return {
    waits,
    now: () => now,
    hour: () => 0,
    wait: async (milliseconds, signal) => {
      signal?.throwIfAborted()
      waits.push(milliseconds)
      now += milliseconds
    },
  }
}
