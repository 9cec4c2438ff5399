import { askForUpgrade, refuseWhilePrinting } from './parameters/change.js'
import type { Method } from './context.js'

/** Refused while printing like every upgrade; Moonraker forgets to (shared/compat, point 1). */
export const method: Method<'machine.update.full'> = {
  before: refuseWhilePrinting('upgrade'),
  handle: (_params, call) => askForUpgrade(call.app, undefined, call),
}
