import type { Method } from './context.js'

export const method: Method<'server.database.delete_backup'> = {
  handle: async ({ filename }, { app }) => ({ backup_path: await app.database.backups.remove(filename) }),
}
