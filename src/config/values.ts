import type { Option } from '../contract/tables.js'

/** A value that its option does not allow; the message follows "option 'x' ". */
export class ValueError extends Error {}

/** compat: what Python's configparser takes for a boolean. */
const booleans: Readonly<Record<string, boolean>> = {
  1: true,
  yes: true,
  true: true,
  on: true,
  0: false,
  no: false,
  false: false,
  off: false,
}

const parseBoolean = (text: string): boolean => {
  const key = text.toLowerCase()
  const value = Object.hasOwn(booleans, key) ? booleans[key] : undefined
  if (value === undefined) throw new ValueError(`must be True or False, not '${text}'`)
  return value
}

const parseInteger = (text: string): number => {
  const value = /^[+-]?\d+(?:_\d+)*$/.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN
  if (!Number.isSafeInteger(value)) throw new ValueError(`must be a whole number, not '${text}'`)
  return value
}

const parseNumber = (text: string): number => {
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(value)) throw new ValueError(`must be a number, not '${text}'`)
  return value
}

const inRange = (value: number, option: Option): number => {
  if (option.minimum !== undefined && value < option.minimum) {
    throw new ValueError(`must be ${option.minimum} or more, not ${value}`)
  }
  if (option.maximum !== undefined && value > option.maximum) {
    throw new ValueError(`must be ${option.maximum} or less, not ${value}`)
  }
  return value
}

const parseString = (text: string, option: Option): string => {
  if (option.enum === undefined || option.enum.includes(text)) return text
  const lower = text.toLowerCase()
  if (option.enum.includes(lower)) return lower
  throw new ValueError(`must be one of ${option.enum.join(', ')}, not '${text}'`)
}

const separatorOf = (option: Option): string | RegExp => {
  if (option.separator === 'spaces') return /\s+/
  return option.separator === undefined || option.separator === 'lines' ? '\n' : option.separator
}

const itemsOf = (text: string, option: Option): string[] =>
  text
    .split(separatorOf(option))
    .map((item) => item.trim())
    .filter((item) => item !== '')

const parseList = (text: string, option: Option): unknown[] => {
  const items = itemsOf(text, option)
  return option.items?.type === 'integer' ? items.map(parseInteger) : items
}

const parsePairs = (text: string, option: Option): Record<string, string> =>
  Object.fromEntries(
    itemsOf(text, option).map((item) => {
      const [name, ...rest] = item.split('=')
      if (rest.length === 0) throw new ValueError(`must have lines NAME=value, not '${item}'`)
      return [(name ?? '').trim(), rest.join('=').trim()]
    }),
  )

/**
 * The text of an option as the value that its schema describes.
 * @throws ValueError
 */
export const parseValue = (text: string, option: Option): unknown => {
  switch (option.type) {
    case 'boolean':
      return parseBoolean(text)
    case 'integer':
      return inRange(parseInteger(text), option)
    case 'number':
      return inRange(parseNumber(text), option)
    case 'array':
      return parseList(text, option)
    case 'object':
      return parsePairs(text, option)
    default:
      return parseString(text, option)
  }
}
