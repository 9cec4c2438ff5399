import type { Method } from './context.js'

export const method: Method<'access.post_api_key'> = {
  handle: async (_params, { app, caller }) => app.access.accounts.renewApiKey(caller),
}
