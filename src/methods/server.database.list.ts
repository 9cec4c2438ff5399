import type { Method } from './context.js'

export const method: Method<'server.database.list'> = {
  handle: async (_params, { app }) => ({
    namespaces: [...app.database.items.namespaces()],
    backups: [...(await app.database.backups.list())],
  }),
}
