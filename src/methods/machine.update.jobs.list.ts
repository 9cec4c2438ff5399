import { MoonkeeperError } from '../contract/error.js'
import type { Call, Method } from './context.js'

const follow = ({ connection }: Call, subscribe: boolean): void => {
  if (connection !== null) {
    connection.followsJobs = subscribe
    return
  }
  throw new MoonkeeperError(
    'bad_argument',
    "Argument 'subscribe' needs a connection that lasts: a WebSocket or the Unix socket. Over HTTP ask jobs.get again",
  )
}

export const method: Method<'machine.update.jobs.list'> = {
  handle: async ({ state, limit = 20, offset = 0, subscribe }, call) => {
    if (subscribe !== undefined) follow(call, subscribe)
    return call.app.engine.jobs.list({ state, limit, offset })
  },
}
