import type { Method } from './context.js'

export const method: Method<'access.refresh_jwt'> = {
  handle: async (params, { app }) => app.access.accounts.refresh(params.refresh_token),
}
