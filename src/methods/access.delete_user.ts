import type { Method } from './context.js'

export const method: Method<'access.delete_user'> = {
  handle: async ({ username }, { app, caller }) => app.access.accounts.delete(caller, username),
}
