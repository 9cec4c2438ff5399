import type { Method } from './context.js'

export const method: Method<'server.logs.rollover'> = {
  handle: async ({ application }, { app }) => app.logs.rollOver(application ?? null),
}
