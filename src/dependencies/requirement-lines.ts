/** A comment begins at the start of a line or behind a space: an address may hold a # of its own. */
const comment = /(?:^|\s+)#.*$/

/**
 * The logical lines of a requirements file, as pip joins them: a backslash at the end goes on in the next line, and a
 * comment ends what went on. Comments and empty lines are left out.
 */
export const logicalLines = (text: string): readonly string[] => {
  const lines: string[] = []
  let begun: string[] = []
  const end = (last: string): void => {
    lines.push([...begun, last].join(''))
    begun = []
  }
  for (const line of text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    if (comment.test(line)) end(` ${line}`)
    else if (line.endsWith('\\')) begun.push(line.replace(/\\+$/, ''))
    else end(line)
  }
  if (begun.length > 0) end('')
  return lines.map((line) => line.replace(comment, '').trim()).filter((line) => line !== '')
}
