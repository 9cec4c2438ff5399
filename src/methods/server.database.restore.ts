import type { Method } from './context.js'
import { refuseDatabaseWork } from './parameters/database-work.js'

export const method: Method<'server.database.restore'> = {
  handle: async ({ filename }, { app }) => {
    refuseDatabaseWork(app, 'restore')
    const namespaces = await app.database.backups.restore(filename)
    // compat: front ends read everything again when they come back. What is restored holds without it, too.
    await app.server.restart().catch(() => undefined)
    return { restored_tables: ['namespace_store'], restored_namespaces: [...namespaces] }
  },
}
