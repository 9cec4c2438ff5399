import type { Method } from './context.js'

export const method: Method<'machine.proc_stats'> = {
  handle: (_params, { app }) => app.machine.statistics(),
}
