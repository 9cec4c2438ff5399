import type { Method } from './context.js'

export const method: Method<'access.oneshot_token'> = {
  handle: async (_params, { app, caller }) => app.access.accounts.oneShotToken(caller),
}
