import type { Method } from './context.js'

export const method: Method<'machine.update.jobs.start'> = {
  handle: async ({ id }, { app }) => app.engine.startJob(id),
}
