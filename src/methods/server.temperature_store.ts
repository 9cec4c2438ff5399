import type { Method } from './context.js'

export const method: Method<'server.temperature_store'> = {
  handle: async ({ include_monitors: monitors }, { app }) => app.klipper.temperatures(monitors === true),
}
