import type { Method, Result } from './context.js'
import { itemKey } from './parameters/item-key.js'

export const method: Method<'server.database.get_item'> = {
  handle: async ({ namespace, key }, { app }) => {
    const wanted = key === null || key === undefined ? null : itemKey(key)
    const value = app.database.items.get(namespace, wanted)
    return { namespace, key: wanted, value } as Result<'server.database.get_item'>
  },
}
