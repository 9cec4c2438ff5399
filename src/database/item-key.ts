import { MoonkeeperError } from '../contract/error.js'
import { isJsonObject, type Json, type JsonObject } from '../contract/json.js'
import { pythonText } from '../contract/python-text.js'

/** Where a value is in its namespace: `record.key.key`, or the same as a list. compat: a list may hold dots. */
export type ItemKey = string | readonly Json[]

/** The record, and the way from there. */
export interface ItemPath {
  readonly record: string
  readonly rest: readonly Json[]
}

/** Deeper values are refused: whoever reads them goes down as deep. */
const deepest = 200

/** @throws bad_argument */
export const itemPath = (key: ItemKey): ItemPath => {
  const [record, ...rest] = typeof key === 'string' ? key.split('.') : key
  if (record === undefined || record === '' || rest.includes(''))
    throw new MoonkeeperError('bad_argument', `Invalid Key Format: '${pythonText(key)}'`)
  return { record: pythonText(record), rest }
}

export const noItem = (namespace: string, key: ItemKey): MoonkeeperError =>
  new MoonkeeperError('not_found', `Key '${pythonText(key)}' in namespace '${namespace}' not found`)

/** compat: a number in a key counts the items of a list, from its end when it is negative. */
const step = (value: Json | undefined, part: Json): Json | undefined => {
  if (Array.isArray(value)) return Number.isInteger(part) ? (value as Json[]).at(part as number) : undefined
  if (!isJsonObject(value) || typeof part !== 'string') return undefined
  // A key like __proto__ is one of the object's own, or it is not there.
  return Object.hasOwn(value, part) ? value[part] : undefined
}

/** The value at the end of the way; undefined when there is none. */
export const valueAt = (value: Json | undefined, way: readonly Json[]): Json | undefined =>
  way.reduce(step, value)

/** A copy with one more key. In brackets every name is an ordinary one. */
const withKey = (object: JsonObject, key: string, value: Json): JsonObject => ({ ...object, [key]: value })

const withoutKey = (object: JsonObject, key: string): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key))

const textOf = (part: Json | undefined): string => pythonText(part ?? null)

/**
 * A copy of the object with another value at the end of the way; missing objects in between are made.
 * @returns null when something in between is no object
 */
const putInto = (object: JsonObject, way: readonly Json[], value: Json): JsonObject | null => {
  const [first, ...rest] = way
  const key = textOf(first)
  if (rest.length === 0) return withKey(object, key, value)
  const inner = Object.hasOwn(object, key) ? object[key] : {}
  const changed = isJsonObject(inner) ? putInto(inner, rest, value) : null
  return changed === null ? null : withKey(object, key, changed)
}

const takeFrom = (object: JsonObject, way: readonly Json[]): JsonObject => {
  const [first, ...rest] = way
  const key = textOf(first)
  if (rest.length === 0) return withoutKey(object, key)
  return withKey(object, key, takeFrom(object[key] as JsonObject, rest))
}

const isTooDeep = (value: Json | undefined, left: number): boolean => {
  if (typeof value !== 'object' || value === null) return false
  if (left === 0) return true
  return Object.values(value).some((item: Json | undefined) => isTooDeep(item, left - 1))
}

/**
 * A record with another value in it. compat: what is no object is replaced by one.
 * @throws bad_argument when the way leads through something else
 */
export const recordWith = (namespace: string, key: ItemKey, record: Json | undefined, value: Json): Json => {
  const { rest, record: name } = itemPath(key)
  if (rest.length >= deepest || isTooDeep(value, deepest - rest.length))
    throw new MoonkeeperError('bad_argument', `The value at '${name}' has more than ${deepest} levels`)
  if (rest.length === 0) return value
  const changed = putInto(isJsonObject(record) ? record : {}, rest, value)
  if (changed !== null) return changed
  const parent = [name, ...rest.slice(0, -1)].map(textOf).join('.')
  // compat: the space is missing there, too.
  throw new MoonkeeperError(
    'bad_argument',
    `Item at key '${parent}' in namespace '${namespace}'is not a dictionary object, cannot insert`,
  )
}

/**
 * A record without one of its values.
 * @returns what was taken out, and what is left; nothing is left of a record that would be empty
 * @throws not_found
 */
export const recordWithout = (
  namespace: string,
  key: ItemKey,
  record: Json,
): { readonly taken: Json; readonly left: Json | undefined } => {
  const { rest } = itemPath(key)
  if (rest.length === 0) return { taken: record, left: undefined }
  const taken = valueAt(record, rest)
  if (taken === undefined || !isJsonObject(record) || !isJsonObject(valueAt(record, rest.slice(0, -1))))
    throw noItem(namespace, key)
  // Lists in between are left alone: compat, only objects lose keys.
  if (rest.some((part) => typeof part !== 'string')) throw noItem(namespace, key)
  const left = takeFrom(record, rest)
  return { taken, left: Object.keys(left).length === 0 ? undefined : left }
}
