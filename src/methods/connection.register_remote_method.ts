import type { Method } from './context.js'
import { lastingConnection } from './context.js'

export const method: Method<'connection.register_remote_method'> = {
  handle: async ({ method_name: name }, call) => {
    call.app.agents.offerToKlipper(lastingConnection(call), name)
    return 'ok'
  },
}
