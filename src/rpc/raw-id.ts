/**
 * JSON.parse loses digits of large numbers, and an id is echoed as it came. These find an id's own text in a frame.
 * They run after JSON.parse has accepted the frame, so the text is known to be JSON and nothing is checked again.
 */

const space = /[ \t\n\r]*/y
const scalar = /[^,\]}\s]+/y

const skipSpace = (text: string, at: number): number => {
  space.lastIndex = at
  space.exec(text)
  return space.lastIndex
}

/** The position after the string that begins at `at`. */
const stringEnd = (text: string, at: number): number => {
  let end = text.indexOf('"', at + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end + 1
}

/** An odd number of backslashes before a quote escapes it. */
const isEscaped = (text: string, at: number): boolean => {
  let slashes = 0
  while (text[at - 1 - slashes] === '\\') slashes += 1
  return slashes % 2 === 1
}

/** The position after the object or list that begins at `at`. */
const nestedEnd = (text: string, at: number): number => {
  const mark = /["[\]{}]/g
  mark.lastIndex = at
  let depth = 0
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] === '"') mark.lastIndex = stringEnd(text, found.index)
    else depth += found[0] === '{' || found[0] === '[' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  return text.length
}

/** The position after the value that begins at `at`. */
const valueEnd = (text: string, at: number): number => {
  const first = text[at]
  if (first === '"') return stringEnd(text, at)
  if (first === '{' || first === '[') return nestedEnd(text, at)
  scalar.lastIndex = at
  scalar.exec(text)
  return scalar.lastIndex
}

/** The text of the last "id" of the object that begins at `at`: of duplicate keys the last counts. */
const idOfObject = (text: string, at: number): string | null => {
  let id: string | null = null
  let position = skipSpace(text, at + 1)
  while (text[position] === '"') {
    const keyEnd = stringEnd(text, position)
    const isId = JSON.parse(text.slice(position, keyEnd)) === 'id'
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = valueEnd(text, start)
    if (isId) id = text.slice(start, end)
    position = skipSpace(text, end)
    if (text[position] === ',') position = skipSpace(text, position + 1)
  }
  return id
}

/** @param text a JSON object @returns its id's own text, null when it has none */
export const rawId = (text: string): string | null => idOfObject(text, skipSpace(text, 0))

/** @param text a JSON list of objects @returns the own text of each item */
export const rawItems = (text: string): readonly string[] => {
  const items: string[] = []
  let position = skipSpace(text, skipSpace(text, 0) + 1)
  while (position < text.length && text[position] !== ']') {
    const end = valueEnd(text, position)
    items.push(text.slice(position, end))
    position = skipSpace(text, end)
    if (text[position] === ',') position = skipSpace(text, position + 1)
  }
  return items
}
