import type { Method } from './context.js'

export const method: Method<'machine.update.recover'> = {
  before: ({ app }) => app.engine.refuseWhilePrinting('Recovery'),
  handle: async (params, { app }) => {
    await app.engine.recover(params.name, {
      hard: params.hard === true,
      updateDependencies: params.update_deps === true,
    })
    return 'ok'
  },
}
