import type { Method } from './context.js'

export const method: Method<'server.announcements.delete_feed'> = {
  handle: async ({ name }, { app }) => {
    await app.announcements.removeFeed(name)
    return { feed: name.toLowerCase(), action: 'removed' }
  },
}
