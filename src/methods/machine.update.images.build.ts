import type { Method } from './context.js'
import { namesOf } from './parameters/names.js'

export const method: Method<'machine.update.images.build'> = {
  handle: async (params, { app }) => app.imageMaker.build(namesOf(params), params.version ?? null),
}
