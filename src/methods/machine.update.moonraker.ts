import type { Method } from './context.js'

export const method: Method<'machine.update.moonraker'> = {
  before: ({ app }) => app.engine.refuseUpgradeWhilePrinting(),
  handle: async (_params, { app }) => {
    await app.engine.upgrade('moonraker')
    return 'ok'
  },
}
