import type { Method } from './context.js'

export const method: Method<'server.announcements.list'> = {
  handle: async ({ include_dismissed: dismissed }, { app }) => ({
    entries: [...app.announcements.list(dismissed !== false)],
    feeds: [...app.announcements.feeds()],
  }),
}
