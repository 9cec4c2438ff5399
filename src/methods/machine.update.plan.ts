import type { Method } from './context.js'
import { namesOf } from './parameters/names.js'

export const method: Method<'machine.update.plan'> = {
  handle: async (params, { app }) =>
    app.engine.plan({
      goal: params.goal ?? 'upgrade',
      names: namesOf(params),
      version: params.version ?? null,
      image: params.image ?? null,
      hard: params.hard === true,
      updateDependencies: params.update_deps === true,
      check: params.check ?? 'all',
    }),
}
