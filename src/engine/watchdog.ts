import { MoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import type { Announcer } from './progress.js'

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
  const timer = setInterval(() => {
    if (mayBeSilent()) announcer.touch()
    if (clock.now() - announcer.movedAt < limit) return
    const seconds = Math.round(limit / 1000)
    controller.abort(
      new MoonkeeperError('stalled', `Nothing moved for ${seconds} seconds: stopped and undone`),
    )
  }, 1000)
  timer.unref()
  return { signal: AbortSignal.any([signal, controller.signal]), stop: () => clearInterval(timer) }
}
