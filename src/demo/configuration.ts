import { MoonkeeperError } from '../contract/error.js'

/** As it is written in a configuration: `#` and `;` behind a space would begin a comment. */
const written = (value: string): string => {
  // Line ends, and blanks that the file would not keep.
  if (/[\p{Cc}\u2028\u2029]/u.test(value) || value.trim() !== value) {
    throw new MoonkeeperError(
      'refused',
      `A demo machine cannot be set up in ${JSON.stringify(value)}: control characters or blanks at its end cannot ` +
        'stand in a configuration. Name another data folder',
    )
  }
  return value.replace(/ ([#;])/g, ' \\$1')
}

/**
 * The text with some options of one section replaced; what the section does not say is added at its beginning.
 * Everything else, comments too, stays as it is.
 * @throws internal when there is no such section
 */
export const withOptions = (
  text: string,
  section: string,
  options: Readonly<Record<string, string>>,
): string => {
  const lines = text.split('\n')
  const header = lines.findIndex((line) => line.startsWith(`[${section}]`))
  if (header < 0)
    throw new MoonkeeperError('internal', `The example configuration has no section [${section}]`)
  const next = lines.findIndex((line, index) => index > header && line.startsWith('['))
  const end = next < 0 ? lines.length : next
  const body = lines.slice(header + 1, end)
  const missing = new Map(Object.entries(options))
  const replaced = body.map((line) => {
    const name = /^(\w+)\s*[:=]/.exec(line)?.[1] ?? ''
    const value = missing.get(name)
    return value !== undefined && missing.delete(name) ? `${name}: ${written(value)}` : line
  })
  const added = [...missing].map(([name, value]) => `${name}: ${written(value)}`)
  return [...lines.slice(0, header + 1), ...added, ...replaced, ...lines.slice(end)].join('\n')
}
