import type { Method } from './context.js'

export const method: Method<'server.announcements.dismiss'> = {
  handle: async ({ entry_id, wake_time }, { app }) => {
    await app.announcements.dismiss(entry_id, wake_time ?? null)
    return { entry_id }
  },
}
