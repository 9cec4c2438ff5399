import type { Method } from './context.js'
import type { Json } from '../contract/json.js'
import { itemKey } from './parameters/item-key.js'

export const method: Method<'server.database.post_item'> = {
  handle: async ({ namespace, key, value }, { app }) => {
    await app.database.items.post(namespace, itemKey(key), value as Json)
    return { namespace, key, value }
  },
}
