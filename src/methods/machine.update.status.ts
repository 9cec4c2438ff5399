import type { Method } from './context.js'

export const method: Method<'machine.update.status'> = {
  handle: async ({ refresh }, { app }) =>
    refresh === true ? app.engine.refreshIfAllowed() : app.engine.status(),
}
