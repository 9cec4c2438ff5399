import type { Method } from './context.js'

export const method: Method<'server.files.copy'> = {
  handle: async ({ source, dest }, { app }) => app.files.changes.copy(source, dest),
}
