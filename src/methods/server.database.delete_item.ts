import type { Method, Result } from './context.js'
import { itemKey } from './parameters/item-key.js'

export const method: Method<'server.database.delete_item'> = {
  handle: async ({ namespace, key }, { app }) => {
    const value = await app.database.items.remove(namespace, itemKey(key))
    return { namespace, key, value: value as Result<'server.database.delete_item'>['value'] }
  },
}
