import type { Method } from './context.js'
import { asResult } from './klipper/pass-through.js'

export const method: Method<'printer.firmware_restart'> = {
  handle: async (_params, { app }) =>
    asResult<'printer.firmware_restart'>(await app.klipper.restart('FIRMWARE_RESTART')),
}
