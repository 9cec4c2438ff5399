import type { Method } from './context.js'

export const method: Method<'machine.update.images.fetch'> = {
  handle: async ({ url }, { app }) => app.images.fetch(url),
}
