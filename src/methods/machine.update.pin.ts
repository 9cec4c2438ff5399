import type { Method } from './context.js'

export const method: Method<'machine.update.pin'> = {
  handle: async ({ name, version }, { app }) => ({ name, pinned: await app.engine.pin(name, version) }),
}
