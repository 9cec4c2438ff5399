import type { Method } from './context.js'

export const method: Method<'machine.update.versions'> = {
  handle: async ({ name, limit = 20, offset = 0 }, { app }) => app.engine.versions(name, { limit, offset }),
}
