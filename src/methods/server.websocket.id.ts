import type { Method } from './context.js'
import { lastingConnection } from './context.js'

export const method: Method<'server.websocket.id'> = {
  handle: async (_params, call) => ({ websocket_id: lastingConnection(call).id }),
}
