import type { Method } from './context.js'

export const method: Method<'access.users.list'> = {
  handle: async (_params, { app }) => app.access.accounts.list(),
}
