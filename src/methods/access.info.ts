import type { Method } from './context.js'

export const method: Method<'access.info'> = {
  handle: async (_params, { app, caller }) => app.access.accounts.info(caller),
}
