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

export interface Mount {
  readonly point: string
  /** The mount itself, or its whole file system. */
  readonly readOnly: boolean
}

/** A line of proc(5)'s mountinfo: ID PARENT DEVICE ROOT POINT OPTIONS ... - TYPE SOURCE OPTIONS-OF-THE-FILE-SYSTEM. */
const readMount = (line: string): Mount | null => {
  const fields = line.split(' ')
  const [point, options] = [unescape(fields[4] ?? ''), fields[5] ?? '']
  if (point === '') return null
  return { point, readOnly: `${options},${fields.at(-1) ?? ''}`.split(',').includes('ro') }
}

const holds = ({ point }: Mount, target: string): boolean =>
  point === '/' || target === point || target.startsWith(`${point}/`)

/** The mount that a path is on; null where the kernel does not tell. @param target absolute, its symlinks followed */
export const mountOf = async (target: string, files: Pick<Files, 'readText'>): Promise<Mount | null> => {
  const mounts = ((await files.readText('/proc/self/mountinfo')) ?? '').split('\n').map(readMount)
  // Of several at one place the last one is on top.
  return mounts.reduce<Mount | null>(
    (found, mount) =>
      mount !== null && holds(mount, target) && mount.point.length >= (found?.point.length ?? 0)
        ? mount
        : found,
    null,
  )
}
