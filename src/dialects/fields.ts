import { isUtf8 } from 'node:buffer'
import { MoonkeeperError } from '../contract/error.js'
import * as validators from '../contract/generated/dialects.js'
import { dialectFields } from '../contract/generated/tables.js'
import type { Mistake, Validate } from '../contract/tables.js'
import type { DialectRequest } from '../rpc/dialect.js'

/** The shapes in schemas/dialects. */
export type Shape = keyof typeof validators

export type Fields = Readonly<Record<string, unknown>>

const whole = /^-?\d{1,15}$/

const switches: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false }

const textAs = (type: string | readonly string[] | undefined, text: string): unknown => {
  if (type === 'integer' && whole.test(text)) return Number(text)
  if (type === 'boolean') return switches[text.toLowerCase()] ?? text
  return text
}

/** A form has nothing but text: numbers and switches are read as the shape has them, `name[]=` and lists as lists. */
const formFields = (form: string, shape: Shape): Fields => {
  const types = dialectFields[shape] ?? {}
  const found = new Map<string, unknown>()
  for (const [key, text] of new URLSearchParams(form)) {
    const name = key.replace(/\[\d*\]$/, '')
    const type = Object.hasOwn(types, name) ? types[name] : undefined
    if (name === key && type !== 'array') {
      found.set(name, textAs(type, text))
      continue
    }
    const list = found.get(name)
    const item = whole.test(text) ? Number(text) : text
    found.set(name, [...(Array.isArray(list) ? (list as unknown[]) : []), ...(text === '' ? [] : [item])])
  }
  return Object.fromEntries(found)
}

const notRead = (why: string): MoonkeeperError => new MoonkeeperError('bad_argument', why)

const jsonFields = (text: string): Fields => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // No cause is kept: it would quote what was sent, and tokens stand there.
    throw notRead('The body is no JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw notRead('The body is no JSON object')
  return value as Fields
}

const formType = 'application/x-www-form-urlencoded'
const readTypes = ['', 'application/json', formType]

/** What a body says: JSON, or a form. @throws bad_argument, too_large */
export const bodyFields = async (request: DialectRequest, shape: Shape): Promise<Fields> => {
  const body = await request.body()
  if (body.length === 0) return {}
  const { contentType } = request
  if (!readTypes.includes(contentType)) throw notRead(`A body of type ${contentType} is not read here`)
  if (!isUtf8(body)) throw notRead('The body is no UTF-8')
  const text = body.toString()
  // curl sends what it is given with -d as a form, whatever it is.
  const isForm = contentType === formType && !/^\s*\{/.test(text)
  return isForm ? formFields(text, shape) : jsonFields(text)
}

export const queryFields = (request: DialectRequest, shape: Shape): Fields => formFields(request.query, shape)

const typeWords: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  null: 'null',
}

const wordsFor = ({ keyword, params = {}, message }: Mistake, name: string): string => {
  if (keyword === 'required' || keyword === 'minLength') return `The ${name} field is required.`
  if (keyword === 'type') {
    const types = [params['type']].flat().map((type) => typeWords[String(type)] ?? String(type))
    return `The ${name} field must be ${types.join(' or ')}.`
  }
  if (keyword === 'enum') {
    const allowed = params['allowedValues']
    return `The ${name} field must be one of: ${Array.isArray(allowed) ? allowed.join(', ') : ''}.`
  }
  if (keyword === 'minimum') return `The ${name} field must be at least ${String(params['limit'])}.`
  if (keyword === 'maximum') return `The ${name} field must not be greater than ${String(params['limit'])}.`
  return `The ${name} field ${message ?? 'is not valid'}.`
}

const nameOf = ({ instancePath, params }: Mistake): string => {
  const missing = params?.['missingProperty']
  return typeof missing === 'string' ? missing : (instancePath.split('/')[1] ?? '')
}

/** What is wrong, by field; null when nothing is. */
export const mistakesIn = (
  shape: Shape,
  fields: Fields,
): Readonly<Record<string, readonly string[]>> | null => {
  const validate: Validate = validators[shape]
  if (validate(fields)) return null
  const found = new Map<string, readonly string[]>()
  for (const mistake of validate.errors ?? []) {
    const name = nameOf(mistake)
    found.set(name, [...(found.get(name) ?? []), wordsFor(mistake, name)])
  }
  return Object.fromEntries(found)
}
