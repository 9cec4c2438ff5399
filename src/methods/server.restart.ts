import type { Method } from './context.js'

export const method: Method<'server.restart'> = {
  handle: async (_params, { app }) => {
    await app.server.restart()
    return 'ok'
  },
}
