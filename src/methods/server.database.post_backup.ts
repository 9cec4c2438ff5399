import type { Method } from './context.js'
import { refuseDatabaseWork } from './parameters/database-work.js'

export const method: Method<'server.database.post_backup'> = {
  handle: async ({ filename }, { app }) => {
    refuseDatabaseWork(app, 'backup')
    return { backup_path: await app.database.backups.make(filename ?? null) }
  },
}
