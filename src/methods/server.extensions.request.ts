import type { Method } from './context.js'
import { MoonkeeperError } from '../contract/error.js'
import type { Json } from '../contract/json.js'
import type { Result } from './context.js'

export const method: Method<'server.extensions.request'> = {
  handle: async ({ agent, method: name, arguments: params }, { app }) => {
    if (params !== null && params !== undefined && typeof params !== 'object')
      throw new MoonkeeperError('bad_argument', "The 'arguments' field must contain an object or a list")
    const result = await app.agents.request(agent, name, (params ?? null) as Json)
    return result as Result<'server.extensions.request'>
  },
}
