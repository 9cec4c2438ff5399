import type { Options } from './command.js'
import { placeOptions } from './command.js'
import { oneLine } from './terminal-text.js'

/** A word as a shell takes it. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${oneLine(word).replaceAll("'", "'\\''")}'`

/** A command of this client that can be pasted, to the same server. */
export const commandLine = (words: readonly string[], options: Options): string => {
  const place = placeOptions.flatMap((name) => {
    const value = options[name]
    return value === undefined ? [] : [`--${name}`, value]
  })
  return ['moonkeeper', ...words, ...place].map(quoted).join(' ')
}
