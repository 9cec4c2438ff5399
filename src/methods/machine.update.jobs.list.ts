import { lastingConnection, type Method } from './context.js'

export const method: Method<'machine.update.jobs.list'> = {
  handle: async ({ state, limit = 20, offset = 0, subscribe }, call) => {
    if (subscribe !== undefined) lastingConnection(call).followsJobs = subscribe
    return call.app.engine.jobs.list({ state, limit, offset })
  },
}
