import type { Method } from './context.js'
import { timestamp } from '../contract/timestamp.js'
import { itemList } from './parameters/item-list.js'

export const method: Method<'server.files.zip'> = {
  handle: async ({ dest, items, store_only: store }, { app }) => {
    const destination = dest ?? `config/collection-${timestamp(app.files.now())}.zip`
    const { item } = await app.files.changes.zip(destination, itemList(items), store === true)
    return { destination: item, action: 'zip_files' }
  },
}
