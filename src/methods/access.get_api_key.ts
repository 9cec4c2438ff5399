import type { Method } from './context.js'

export const method: Method<'access.get_api_key'> = {
  handle: async (_params, { app }) => app.access.accounts.apiKey(),
}
