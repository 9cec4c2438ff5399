import type { Method } from './context.js'

export const method: Method<'server.files.delete_directory'> = {
  handle: async ({ path = 'gcodes', force }, { app }) =>
    app.files.changes.deleteDirectory(path, force === true),
}
