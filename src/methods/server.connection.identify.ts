import { MoonkeeperError } from '../contract/error.js'
import { pythonText } from '../contract/python-text.js'
import { lastingConnection } from './context.js'
import type { Method } from './context.js'

const clientTypes = ['web', 'mobile', 'desktop', 'display', 'bot', 'agent', 'other']

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
    // compat: before the type is looked at.
    call.app.access.accounts.identify(call.caller, params)
    const type = params.type.toLowerCase()
    if (!clientTypes.includes(type)) throw new MoonkeeperError('bad_argument', `Invalid Client Type: ${type}`)
    const identity = { name: params.client_name, version: params.version, type, url: params.url }
    if (type === 'agent') call.app.agents.join(connection, identity)
    connection.identity = identity
    return { connection_id: connection.id }
  },
}
