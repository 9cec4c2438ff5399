import type { Method } from './context.js'

export const method: Method<'machine.peripherals.video'> = {
  handle: (_params, { app }) => app.machine.peripherals.video(),
}
