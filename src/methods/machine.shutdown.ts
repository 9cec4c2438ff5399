import type { Method } from './context.js'

export const method: Method<'machine.shutdown'> = {
  handle: async (_params, { app }) => {
    await app.machine.ending.shutdown()
    return 'ok'
  },
}
