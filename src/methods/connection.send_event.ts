import type { Method } from './context.js'
import type { Json } from '../contract/json.js'
import { lastingConnection } from './context.js'

export const method: Method<'connection.send_event'> = {
  before: (call) => call.app.agents.refuseOthers(lastingConnection(call), 'send events'),
  handle: async ({ event, data }, call) => {
    call.app.agents.sendEvent(lastingConnection(call), event, data as Json | undefined)
    return 'ok'
  },
}
