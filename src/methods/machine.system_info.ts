import type { Method } from './context.js'

export const method: Method<'machine.system_info'> = {
  handle: async (_params, { app }) => ({ system_info: await app.machine.systemInfo() }),
}
