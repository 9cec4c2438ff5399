import type { Method } from './context.js'

export const method: Method<'machine.peripherals.serial'> = {
  handle: async (_params, { app }) => ({ serial_devices: await app.machine.peripherals.serial() }),
}
