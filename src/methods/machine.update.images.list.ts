import type { Method } from './context.js'

export const method: Method<'machine.update.images.list'> = {
  handle: async (_, { app }) => ({ images: [...app.images.list()] }),
}
