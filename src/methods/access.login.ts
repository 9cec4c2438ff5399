import type { Method } from './context.js'

export const method: Method<'access.login'> = {
  handle: async (params, { app, caller }) => app.access.accounts.login(caller, params),
}
