import type { Method } from './context.js'

export const method: Method<'server.announcements.post_feed'> = {
  handle: async ({ name }, { app }) => {
    const added = await app.announcements.addFeed(name)
    return { feed: name.toLowerCase(), action: added ? 'added' : 'skipped' }
  },
}
