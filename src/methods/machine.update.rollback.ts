import type { Method } from './context.js'

export const method: Method<'machine.update.rollback'> = {
  before: ({ app }) => app.engine.refuseWhilePrinting('Rollback'),
  handle: async ({ name }, { app }) => {
    await app.engine.rollback(name)
    return 'ok'
  },
}
