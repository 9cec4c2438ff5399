import type { Method } from './context.js'

export const method: Method<'machine.services.start'> = {
  handle: async ({ service }, { app }) => {
    await app.machine.services.order('start', service)
    return 'ok'
  },
}
