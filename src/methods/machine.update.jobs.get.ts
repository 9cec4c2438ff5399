import type { Method } from './context.js'

export const method: Method<'machine.update.jobs.get'> = {
  handle: async ({ id, after_seq: after = 0 }, { app }) => app.engine.jobs.read(id, after),
}
