import type { Method } from './context.js'

export const method: Method<'server.webcams.test'> = {
  handle: async (params, { app }) => app.webcams.test(params),
}
