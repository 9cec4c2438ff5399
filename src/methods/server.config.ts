import type { Method } from './context.js'

export const method: Method<'server.config'> = {
  handle: async (_params, { app }) => app.server.config(),
}
