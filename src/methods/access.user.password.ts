import type { Method } from './context.js'

export const method: Method<'access.user.password'> = {
  handle: async (params, { app, caller }) => app.access.accounts.changePassword(caller, params),
}
