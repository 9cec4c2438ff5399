import { askForUpgrade, refuseWhilePrinting } from './parameters/change.js'
import type { Method } from './context.js'

export const method: Method<'machine.update.klipper'> = {
  before: refuseWhilePrinting('upgrade'),
  handle: (_params, call) => askForUpgrade(call.app, 'klipper', call),
}
