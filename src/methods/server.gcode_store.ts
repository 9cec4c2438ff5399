import type { Method } from './context.js'

export const method: Method<'server.gcode_store'> = {
  handle: async ({ count }, { app }) => ({ gcode_store: [...app.klipper.console(count ?? null)] }),
}
