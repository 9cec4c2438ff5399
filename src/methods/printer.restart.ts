import type { Method } from './context.js'
import { asResult } from './klipper/pass-through.js'

export const method: Method<'printer.restart'> = {
  handle: async (_params, { app }) => asResult<'printer.restart'>(await app.klipper.restart('RESTART')),
}
