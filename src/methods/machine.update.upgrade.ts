import { ask, plain, refuseWhilePrinting } from './parameters/change.js'
import type { Method } from './context.js'
import { namesOf } from './parameters/names.js'

export const method: Method<'machine.update.upgrade'> = {
  before: refuseWhilePrinting('upgrade'),
  handle: (params, call) =>
    ask(
      call.app,
      params,
      {
        ...plain,
        goal: 'upgrade',
        // compat: without a name it is a full update.
        names: namesOf(params),
        version: params.version ?? null,
        image: params.image ?? null,
        atomic: params.atomic === true,
      },
      call,
    ),
}
