import type { Method } from './context.js'

export const method: Method<'machine.update.client'> = {
  before: ({ app }) => app.engine.refuseUpgradeWhilePrinting(),
  handle: async ({ name }, { app }) => {
    // compat: without a name it is a full update.
    await (name === undefined ? app.engine.upgradeAll() : app.engine.upgrade(name))
    return 'ok'
  },
}
