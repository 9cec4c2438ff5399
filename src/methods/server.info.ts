import type { Method } from './context.js'

export const method: Method<'server.info'> = {
  handle: async ({ raw }, { app }) => app.server.info(raw === true),
}
