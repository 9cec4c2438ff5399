import type { Method } from './context.js'

export const method: Method<'machine.services.restart'> = {
  handle: async ({ service }, { app }) => {
    await app.machine.services.order('restart', service)
    return 'ok'
  },
}
