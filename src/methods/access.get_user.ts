import type { Method } from './context.js'

export const method: Method<'access.get_user'> = {
  handle: async (_params, { app, caller }) => app.access.accounts.current(caller),
}
