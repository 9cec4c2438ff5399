import type { Files } from './files.js'

/** The kernel writes blanks and backslashes of a path as \040 and the like. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)))

/** Mount points at or below a folder, as this process sees them; none where the kernel does not tell. */
export const mountPointsIn = async (
  folder: string,
  files: Pick<Files, 'readText'>,
): Promise<readonly string[]> => {
  const lines = ((await files.readText('/proc/self/mountinfo')) ?? '').split('\n')
  const points = lines.map((line) => unescape(line.split(' ')[4] ?? ''))
  return points.filter((point) => point === folder || point.startsWith(`${folder}/`))
}
