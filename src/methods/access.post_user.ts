import type { Method } from './context.js'

export const method: Method<'access.post_user'> = {
  handle: async (params, { app }) => app.access.accounts.create(params),
}
