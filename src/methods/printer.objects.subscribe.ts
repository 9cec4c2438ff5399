import { MoonkeeperError } from '../contract/error.js'
import type { Method } from './context.js'
import { asResult } from './klipper/pass-through.js'

export const method: Method<'printer.objects.subscribe'> = {
  handle: async ({ objects = {} }, { app, connection }) => {
    if (connection === null)
      throw new MoonkeeperError('bad_argument', 'No connection associated with subscription request')
    return asResult<'printer.objects.subscribe'>(await app.klipper.subscribe(connection, objects))
  },
}
