import type { Method } from './context.js'

export const method: Method<'server.files.list'> = {
  handle: async ({ root = 'gcodes' }, { app }) => [...(await app.files.list(root))],
}
