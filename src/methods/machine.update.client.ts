import { askForUpgrade, refuseWhilePrinting } from './parameters/change.js'
import type { Method } from './context.js'

// compat: without a name it is a full update.
export const method: Method<'machine.update.client'> = {
  before: refuseWhilePrinting('upgrade'),
  handle: (params, call) => askForUpgrade(call.app, params.name, call),
}
