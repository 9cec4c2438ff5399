import type { Method } from './context.js'

/** Refused while printing like every upgrade; Moonraker forgets to (shared/compat, point 1). */
export const method: Method<'machine.update.full'> = {
  before: ({ app }) => app.engine.refuseUpgradeWhilePrinting(),
  handle: async (_params, { app }) => {
    await app.engine.upgradeAll()
    return 'ok'
  },
}
