import { MoonkeeperError } from '../contract/error.js'
import { pythonText } from '../contract/python-text.js'
import { lastingConnection } from './context.js'
import type { Method } from './context.js'

const clientTypes = ['web', 'mobile', 'desktop', 'display', 'bot', 'agent', 'other']

/** access_token and api_key are accepted and ignored until [authorization] is served: who may connect is trusted. */
export const method: Method<'server.connection.identify'> = {
  before: (call) => {
    const { identity } = lastingConnection(call)
    if (identity === null) return
    const { name, version, type, url } = identity
    // compat: the text shows a Python dictionary.
    const shown = pythonText({ name, version, type, url })
    throw new MoonkeeperError('refused', `Connection already identified: ${shown}`)
  },
  handle: async (params, call) => {
    const connection = lastingConnection(call)
    const type = params.type.toLowerCase()
    if (!clientTypes.includes(type)) throw new MoonkeeperError('bad_argument', `Invalid Client Type: ${type}`)
    connection.identity = { name: params.client_name, version: params.version, type, url: params.url }
    return { connection_id: connection.id }
  },
}
