import type { Method } from './context.js'

export const method: Method<'server.files.post_directory'> = {
  handle: async ({ path = 'gcodes' }, { app }) => app.files.changes.makeDirectory(path),
}
