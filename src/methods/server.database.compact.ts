import type { Method } from './context.js'
import { refuseDatabaseWork } from './parameters/database-work.js'

export const method: Method<'server.database.compact'> = {
  handle: async (_params, { app }) => {
    refuseDatabaseWork(app, 'compact')
    const { previous, now } = await app.database.store.compact()
    return { previous_size: previous, new_size: now }
  },
}
