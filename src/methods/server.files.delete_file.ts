import type { Method } from './context.js'

export const method: Method<'server.files.delete_file'> = {
  handle: async ({ path }, { app }) => app.files.changes.deleteFile(path),
}
