import type { Method } from './context.js'

export const method: Method<'machine.services.stop'> = {
  handle: async ({ service }, { app }) => {
    await app.machine.services.order('stop', service)
    return 'ok'
  },
}
