import type { Method } from './context.js'

export const method: Method<'machine.peripherals.canbus'> = {
  handle: async (params, { app }) => ({
    can_uuids: await app.machine.peripherals.canbus(params.interface ?? 'can0'),
  }),
}
