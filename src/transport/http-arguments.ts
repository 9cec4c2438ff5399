import { MoonkeeperError } from '../contract/error.js'
import { decodeUtf8 } from './door.js'
import { multipartFields } from './multipart.js'
import type { Field } from './multipart.js'

/** What a REST path takes its arguments from. */
export interface Sources {
  /** After the question mark, without it. */
  readonly query: string
  readonly contentType: string
  readonly body: Buffer
  /** True when a request without any argument is refused anyway. */
  readonly needsArguments: boolean
}

const formType = 'application/x-www-form-urlencoded'

const isType = ({ contentType }: Sources, type: string): boolean => contentType.toLowerCase().startsWith(type)

/** compat: these belong to the door, not to the method. */
const excluded = new Set(['_', 'token', 'access_token', 'connection_id'])

/** compat: Moonraker fails on these with a 500, and without a word. */
const unreadable = (): MoonkeeperError => new MoonkeeperError('internal', 'Internal Server Error')

const percentDecoded = (text: string): string =>
  text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)))

/** compat: like parse_qsl: a name without a value has an empty one. */
const formFields = (form: string): readonly Field[] =>
  form
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...rest] = pair.split('=')
      return [percentDecoded(name), percentDecoded(rest.join('='))]
    })

/** compat: control characters become spaces, and the ends are trimmed. */
const cleaned = (bytes: string): string => {
  const text = decodeUtf8(Buffer.from(bytes, 'latin1'))
  if (text === null) throw unreadable()
  return text.replace(/[\u0000-\u0008\u000e-\u001f]/g, ' ').trim()
}

const parsedOr = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** compat: a value that does not fit its hint stays text. */
const hints: Readonly<Record<string, (text: string) => unknown>> = {
  int: (text) => (/^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : text),
  float: (text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text),
  bool: (text) => text.toLowerCase() === 'true',
  json: parsedOr,
}

/** compat: `name:int=3`. An unknown hint is cut off and changes nothing. */
const hinted = (key: string, text: string): Field | readonly [string, unknown] => {
  const colon = key.lastIndexOf(':')
  if (colon < 0) return [key, text]
  const hint = key.slice(colon + 1)
  const convert = Object.hasOwn(hints, hint) ? hints[hint] : undefined
  return [key.slice(0, colon), convert === undefined ? text : convert(text)]
}

const isPairs = (value: unknown): value is [string, unknown][] =>
  Array.isArray(value) &&
  value.every((pair: unknown) => Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string')

/** compat: an object, or what Python takes for one (a list of pairs); other JSON fails, and text that is none is ignored. */
const jsonEntries = (body: Buffer): readonly (readonly [string, unknown])[] => {
  const text = decodeUtf8(body)
  if (text === null) throw unreadable()
  const value = jsonOrUndefined(text)
  if (value === undefined) return []
  if (isPairs(value)) return value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable()
  return Object.entries(value)
}

const jsonOrUndefined = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const looksLikeObject = (body: Buffer): boolean => {
  const text = decodeUtf8(body) ?? ''
  if (!/^\s*\{/.test(text)) return false
  return jsonOrUndefined(text) !== undefined
}

/**
 * Moonraker reads JSON only with its content type, and so updates everything when `{"name": "x"}` comes without
 * (shared/compat, point 15). JSON without a type, or with the one that `curl -d` sends, is JSON here.
 * compat: another type is believed, unless the method would then run without any argument.
 */
const isJson = (sources: Sources): boolean => {
  const { contentType, body, needsArguments } = sources
  if (isType(sources, 'application/json')) return true
  if (isType(sources, 'multipart/')) return false
  const claimsOther = contentType !== '' && !isType(sources, formType)
  return !(claimsOther && needsArguments) && looksLikeObject(body)
}

const bodyFields = (sources: Sources): readonly Field[] => {
  const body = sources.body.toString('latin1')
  if (isType(sources, formType)) return formFields(body)
  return isType(sources, 'multipart/form-data') ? multipartFields(sources.contentType, body) : []
}

const cleanedFields = (sources: Sources, json: boolean): readonly Field[] =>
  [...formFields(sources.query), ...(json ? [] : bodyFields(sources))]
    .filter(([key]) => !excluded.has(key))
    .map(([key, value]) => [decodeUtf8(Buffer.from(key, 'latin1')) ?? key, cleaned(value)])

/**
 * compat: printer objects as `?toolhead&extruder=temperature,target`: without a value all fields of it. A JSON body has
 * its own `objects`, which count then.
 */
export const objectArguments = (sources: Sources): Readonly<Record<string, unknown>> => {
  const json = isJson(sources)
  const objects = cleanedFields(sources, json).map(
    ([name, fields]) => [name, fields === '' ? null : fields.split(',')] as const,
  )
  const body = json ? jsonEntries(sources.body) : []
  return Object.fromEntries([['objects', Object.fromEntries(objects)], ...body])
}

/** compat: a connection may be named by a request that is not on it. */
export const namedConnection = (sources: Sources): number | null => {
  const fields = [...formFields(sources.query), ...bodyFields(sources)]
  const id = fields.findLast(([key]) => key === 'connection_id')?.[1] ?? ''
  return /^\d{1,15}$/.test(id) ? Number(id) : null
}

/**
 * The arguments of a REST request. The body wins over the query, and the last of duplicates wins.
 * @throws internal, for text that is no UTF-8 and for JSON bodies that are no object
 */
export const httpArguments = (sources: Sources): Readonly<Record<string, unknown>> => {
  const json = isJson(sources)
  const hintedFields = cleanedFields(sources, json).map(([key, value]) => hinted(key, value))
  // fromEntries defines properties: a key like __proto__ stays an ordinary one.
  return Object.fromEntries([...hintedFields, ...(json ? jsonEntries(sources.body) : [])])
}
