import type { Method } from './context.js'

export const method: Method<'server.extensions.list'> = {
  handle: async (_params, { app }) => ({ agents: [...app.agents.list()] }),
}
