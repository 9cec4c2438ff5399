import type { Method } from './context.js'
import { MoonkeeperError } from '../contract/error.js'

export const method: Method<'server.files.metadata'> = {
  handle: async ({ filename }) => {
    throw new MoonkeeperError('not_found', `Metadata not available for <${filename}>`)
  },
}
