/**
 * compat: Moonraker is written in Python and shows values of its clients in errors, and takes any value where it wants
 * a text. This renders JSON values as Python's `str` does, so that both read the same.
 */

/** Deeper values are abbreviated: they come from outside, and a recursion must not reach the stack's end. */
const deepest = 64

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const escaped = (character: string): string => {
  const known = escapes[character]
  if (known !== undefined) return known
  const code = character.codePointAt(0) ?? 0
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`
}

const quoted = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const safe = text.replace(/[\\\u0000-\u001f\u007f-\u00a0\u00ad\u2028\u2029\ud800-\udfff]/gu, escaped)
  return quote + (quote === "'" ? safe.replaceAll("'", "\\'") : safe) + quote
}

const numberText = (value: number): string => {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Number.isInteger(value)) return BigInt(value).toString()
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2')
}

const represented = (value: unknown, depth: number): string => {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return scalarText(value)
  if (Array.isArray(value)) {
    if (depth === 0) return '[...]'
    return `[${value.map((item) => represented(item, depth - 1)).join(', ')}]`
  }
  if (depth === 0) return '{...}'
  const entries = Object.entries(value).map(
    ([key, item]) => `${quoted(key)}: ${represented(item, depth - 1)}`,
  )
  return `{${entries.join(', ')}}`
}

const scalarText = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'number' ? numberText(value) : 'None'
}

/** A JSON value as Python's `str` shows it. */
export const pythonText = (value: unknown): string =>
  typeof value === 'string' ? value : represented(value, deepest)

/** The name Python has for the type of a JSON value. */
export const pythonType = (value: unknown): string => {
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  if (typeof value !== 'object' || value === null) return 'NoneType'
  return Array.isArray(value) ? 'list' : 'dict'
}
