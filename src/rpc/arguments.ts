import * as validators from '../contract/generated/validators.js'
import { MoonkeeperError } from '../contract/error.js'
import { methodTable } from '../contract/generated/tables.js'
import type { MethodName } from '../contract/generated/types.js'
import type { Parameter, Validate } from '../contract/tables.js'
import { pythonText } from '../contract/python-text.js'

/** What a coercion answers for a value it cannot take: any JSON value could be a result. */
const unfit = Symbol('unfit')

/** compat: 1, 0 and null are no booleans; "TRUE" is one. */
const toBoolean = (value: unknown): unknown => {
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value.toLowerCase() : null
  if (text === 'true') return true
  return text === 'false' ? false : unfit
}

/** compat: "2", " 2 ", 2.9 and true are whole numbers; "2.9" is none. */
const toInteger = (value: unknown): unknown => {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) : unfit
  if (typeof value !== 'string' || !/^\s*[+-]?\d+(?:_\d+)*\s*$/.test(value)) return unfit
  return Number(value.replaceAll('_', ''))
}

const toNumber = (value: unknown): unknown => {
  if (typeof value === 'boolean') return Number(value)
  const numeric = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i
  const number = typeof value === 'string' && numeric.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : unfit
}

interface Coercion {
  /** What the error calls the type. */
  readonly pythonType: string
  readonly convert: (value: unknown) => unknown
}

/** By the schema's type. Types that are not here are taken as they come; the validator looks at them. */
const coercions: ReadonlyMap<unknown, Coercion> = new Map([
  ['boolean', { pythonType: 'bool', convert: toBoolean }],
  ['integer', { pythonType: 'int', convert: toInteger }],
  ['number', { pythonType: 'float', convert: toNumber }],
  ['string', { pythonType: 'str', convert: pythonText }],
])

/** A value as its parameter's type. @throws bad_argument */
export const coerce = (parameter: Parameter, value: unknown): unknown => {
  const coercion = coercions.get(parameter.type)
  if (coercion === undefined) return value
  const converted = coercion.convert(value)
  if (converted !== unfit) return converted
  // compat: Moonraker shows the text it compared, and that is in lower case for a boolean.
  const shown = pythonText(value)
  const received = parameter.type === 'boolean' ? shownBoolean(value, shown) : shown
  throw new MoonkeeperError(
    'bad_argument',
    `Unable to convert argument [${parameter.name}] to <class '${coercion.pythonType}'>: value received: ${received}`,
  )
}

const shownBoolean = (value: unknown, shown: string): string =>
  typeof value === 'string' ? shown.toLowerCase() : shown

/** The name build/generate.mjs gives a method's validator. */
const validatorName = (method: string): string =>
  method.replace(/(?:^|[^a-zA-Z0-9]+)([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase()) + 'Params'

const allValidators: Readonly<Record<string, Validate | undefined>> = validators

/** By method. */
const validatorsOf = new Map(
  Object.keys(methodTable).map((method) => [method, allValidators[validatorName(method)]]),
)

/** A limit in words: an angle bracket may not stand in HTTP's status line, and the refusal would read "Unknown". */
const inWords = (message: string): string =>
  message.replace('must be >=', 'must be at least').replace('must be <=', 'must be at most')

const check = (method: MethodName, args: unknown): void => {
  const validate = validatorsOf.get(method)
  if (validate === undefined) throw new Error(`${method} has no compiled validator: run npm run generate`)
  if (validate(args)) return
  const [first] = validate.errors ?? []
  const where = first?.instancePath.slice(1).replaceAll('/', '.') ?? ''
  throw new MoonkeeperError('bad_argument', `Argument ${where} ${inWords(first?.message ?? 'is not valid')}`)
}

/**
 * The arguments a method's handler gets: coerced, with defaults, without what the method does not know.
 * The order of the schema's properties is the order of the checks.
 * @throws missing_argument, bad_argument
 */
export const readArguments = (method: MethodName, given: Readonly<Record<string, unknown>>): object => {
  // What is passed on to Klipper is Klipper's to judge.
  if (methodTable[method]?.klipper !== undefined) return given
  const args: Record<string, unknown> = {}
  for (const parameter of methodTable[method]?.params ?? []) {
    const { name } = parameter
    if (Object.hasOwn(given, name)) args[name] = coerce(parameter, given[name])
    else if (parameter.required)
      throw new MoonkeeperError('missing_argument', `No data for argument: ${name}`)
    else if ('default' in parameter) args[name] = parameter.default
  }
  check(method, args)
  return args
}
