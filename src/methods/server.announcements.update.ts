import type { Method } from './context.js'
import { itemList } from './parameters/item-list.js'

export const method: Method<'server.announcements.update'> = {
  handle: async ({ subscriptions }, { app }) => {
    const feeds = subscriptions === null || subscriptions === undefined ? null : itemList(subscriptions)
    const modified = await app.announcements.update(feeds)
    return { entries: [...app.announcements.list(true)], modified }
  },
}
