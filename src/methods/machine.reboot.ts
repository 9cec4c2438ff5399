import type { Method } from './context.js'

export const method: Method<'machine.reboot'> = {
  handle: async (_params, { app }) => {
    await app.machine.ending.reboot()
    return 'ok'
  },
}
