import { MoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import type { Announcer } from './progress.js'

/** Milliseconds between two looks. */
const interval = 1000

/**
 * Aborts when nothing was told for too long.
 * @param limit milliseconds
 * @param mayBeSilent true while something is waited for, or must not be ended
 */
export const watchdog = (
  announcer: Announcer,
  clock: Clock,
  limit: number,
  signal: AbortSignal,
  mayBeSilent: () => boolean,
): { readonly signal: AbortSignal; readonly stop: () => void } => {
  const controller = new AbortController()
  let silent = 0
  let { movedAt } = announcer
  let lookedAt = clock.now()
  const timer = setInterval(() => {
    const now = clock.now()
    silent = mayBeSilent() || announcer.movedAt !== movedAt ? 0 : silent + passed(lookedAt, now)
    movedAt = announcer.movedAt
    lookedAt = now
    if (silent < limit) return
    const seconds = Math.round(limit / 1000)
    announcer.stalled = new MoonkeeperError(
      'stalled',
      `Nothing moved for ${seconds} seconds: stopped and undone`,
    )
    controller.abort(announcer.stalled)
    clearInterval(timer)
  }, interval)
  timer.unref()
  return { signal: AbortSignal.any([signal, controller.signal]), stop: () => clearInterval(timer) }
}

/** A clock that is set while something runs (a board that hears the time after its start) is no standstill. */
const passed = (before: number, now: number): number => Math.min(Math.max(now - before, 0), 5 * interval)
