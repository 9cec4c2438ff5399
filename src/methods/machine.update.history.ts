import type { Method } from './context.js'

export const method: Method<'machine.update.history'> = {
  // The defaults were filled in when the parameters were checked.
  handle: async ({ name, limit, offset }, { app }) =>
    app.engine.history({ name: name ?? null, limit: limit as number, offset: offset as number }),
}
