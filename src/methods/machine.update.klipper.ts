import type { Method } from './context.js'

export const method: Method<'machine.update.klipper'> = {
  before: ({ app }) => app.engine.refuseUpgradeWhilePrinting(),
  handle: async (_params, { app }) => {
    await app.engine.upgrade('klipper')
    return 'ok'
  },
}
