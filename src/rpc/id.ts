import { rawId } from './raw-id.js'

/**
 * The text of a request's id, as it is put into the answer.
 * compat: any JSON value is an id, and it comes back as it came; without one it is null.
 * @param text gives the request's own JSON text; called only for ids that JSON.parse may have changed
 */
export const idText = (request: Readonly<Record<string, unknown>>, text: () => string): string => {
  const id = Object.hasOwn(request, 'id') ? request.id : null
  if (id === null) return 'null'
  if (typeof id === 'string' || typeof id === 'boolean') return JSON.stringify(id)
  if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id)
  return rawId(text()) ?? 'null'
}
