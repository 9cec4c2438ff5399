import type { Method } from './context.js'

export const method: Method<'server.files.move'> = {
  handle: async ({ source, dest }, { app }) => app.files.changes.move(source, dest),
}
