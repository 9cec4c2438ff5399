import type { Method } from './context.js'

export const method: Method<'machine.update.images.delete'> = {
  handle: async ({ id }, { app }) => {
    await app.images.delete(id)
    return 'ok'
  },
}
