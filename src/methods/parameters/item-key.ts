import { MoonkeeperError } from '../../contract/error.js'
import type { Json } from '../../contract/json.js'
import { pythonType } from '../../contract/python-text.js'
import type { ItemKey } from '../../database/item-key.js'

/** compat: a key is a text or a list, and anything else is named in Python's words. @throws bad_argument */
export const itemKey = (key: unknown): ItemKey => {
  if (typeof key === 'string') return key
  if (Array.isArray(key)) return key as readonly Json[]
  throw new MoonkeeperError('bad_argument', `Value for argument 'key' is an invalid type: ${pythonType(key)}`)
}
