import type { Method } from './context.js'

export const method: Method<'access.logout'> = {
  handle: async (_params, { app, caller }) => app.access.accounts.logout(caller),
}
