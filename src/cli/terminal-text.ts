import { stripVTControlCharacters } from 'node:util'

/** Zero-width spaces, and what turns the direction of text around. */
const invisible = /[\u200b\u202a-\u202e\u2066-\u2069\ufeff]/g
const lineEnds = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g

/**
 * Text from outside (commit messages, command output) as a terminal may get it: it cannot move the cursor, change
 * colours or titles, or hide. Line feeds stay.
 */
export const printable = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(lineEnds, '\n')
    .replace(/\t/g, ' ')
    .replace(controls, '')
    .replace(invisible, '')

/** The same on one line. */
export const oneLine = (text: string): string => printable(text).replace(/\s+/g, ' ').trim()

/** JSON for a terminal: what could harm it stands as \uXXXX, so that nothing of the value is lost. */
export const printableJson = (value: unknown): string =>
  // JSON.stringify answers undefined for undefined, whatever its type says.
  ((JSON.stringify(value, null, 2) as string | undefined) ?? 'null').replace(
    /[\u007f-\u009f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const zeroWidth = /^\p{M}|^\u200d/u
const doubleWidth =
  /^(?:[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})/u

const characterWidth = (character: string): number => {
  if (zeroWidth.test(character)) return 0
  return doubleWidth.test(character) ? 2 : 1
}

/** How many columns a line takes. */
export const widthOf = (text: string): number =>
  Array.from(text).reduce((sum, character) => sum + characterWidth(character), 0)

/** The beginning of a line that fits into so many columns. */
export const fit = (text: string, columns: number): string => {
  if (widthOf(text) <= columns) return text
  let taken = ''
  let width = 1
  for (const character of text) {
    width += characterWidth(character)
    if (width > columns) break
    taken += character
  }
  return `${taken}…`
}

export const pad = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - widthOf(text)))
