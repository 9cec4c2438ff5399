import { ask, plain, refuseWhilePrinting } from './parameters/change.js'
import type { Method } from './context.js'

export const method: Method<'machine.update.rollback'> = {
  before: refuseWhilePrinting('rollback'),
  handle: (params, call) =>
    ask(
      call.app,
      params,
      { ...plain, goal: 'rollback', names: [params.name], version: params.version ?? null },
      call,
    ),
}
