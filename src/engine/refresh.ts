import type { Clock } from '../system/clock.js'
import type { Log } from '../system/log.js'
import type { Application } from './application.js'
import { inParallel } from './queue.js'

/** Asked anew each time: it changes while something is awaited. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted

/** Looks at applications and their remotes, a few at a time. One that fails says so itself and stops no other. */
export const refreshAll = async (
  applications: readonly Application[],
  atOnce: number,
  outside: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
  changed: () => void,
): Promise<void> => {
  await inParallel(applications, atOnce, async (application) => {
    if (isAborted(signal)) return
    try {
      await application.look(true, outside.clock.now(), signal)
    } catch (thrown) {
      if (!isAborted(signal))
        outside.log.error({ application: application.name, err: thrown }, 'refresh failed')
    } finally {
      changed()
    }
  })
}

/** True when the hour is in the window; a window may go over midnight. */
export const isWithin = (hour: number, window: readonly number[]): boolean => {
  const [from = 0, to = 24] = window
  return from < to ? from <= hour && hour < to : hour >= from || hour < to
}
