import { ask, plain, refuseWhilePrinting } from './parameters/change.js'
import type { Method } from './context.js'

export const method: Method<'machine.update.recover'> = {
  before: refuseWhilePrinting('recover'),
  handle: (params, call) =>
    ask(
      call.app,
      params,
      {
        ...plain,
        goal: 'recover',
        names: [params.name],
        hard: params.hard === true,
        updateDependencies: params.update_deps === true,
      },
      call,
    ),
}
