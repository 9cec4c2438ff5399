import type { Method } from './context.js'

export const method: Method<'machine.update.images.get'> = {
  handle: async ({ id }, { app }) => app.images.get(id),
}
