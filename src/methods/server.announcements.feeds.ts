import type { Method } from './context.js'

export const method: Method<'server.announcements.feeds'> = {
  handle: async (_params, { app }) => ({ feeds: [...app.announcements.feeds()] }),
}
