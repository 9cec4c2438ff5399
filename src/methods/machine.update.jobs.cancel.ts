import type { Method } from './context.js'

export const method: Method<'machine.update.jobs.cancel'> = {
  handle: async ({ id }, { app }) => app.engine.cancelJob(id),
}
