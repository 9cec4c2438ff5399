import type { Method } from './context.js'

export const method: Method<'machine.update.refresh'> = {
  handle: ({ name }, { app }) => app.engine.refresh(name ?? null),
}
