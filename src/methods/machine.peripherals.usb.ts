import type { Method } from './context.js'

export const method: Method<'machine.peripherals.usb'> = {
  handle: async (_params, { app }) => ({ usb_devices: await app.machine.peripherals.usb() }),
}
