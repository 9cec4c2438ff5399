import { access, constants, realpath, stat } from 'node:fs/promises'
import path from 'node:path'

/** `~` and `~/...` are the home folder. */
export const expandHome = (text: string, homeFolder: string): string =>
  text === '~' || text.startsWith('~/') ? path.join(homeFolder, text.slice(1)) : text

/** With symlinks followed as far as there is something. Parts that do not exist are kept as they are. */
export const followSymlinks = async (absolute: string): Promise<string> => {
  try {
    return await realpath(absolute)
  } catch {
    const folder = path.dirname(absolute)
    return folder === absolute ? absolute : path.join(await followSymlinks(folder), path.basename(absolute))
  }
}

/** True when `inner` is `outer` or something in it. Both absolute. */
export const isWithin = (inner: string, outer: string): boolean => {
  const relative = path.relative(outer, inner)
  return relative === '' || (relative !== '..' && !relative.startsWith('../'))
}

export type PathProblem = 'does not exist' | 'is not a file' | 'is not executable'

/** compat: what Moonraker finds wrong with a path; null when it is fine. */
export const pathProblem = async (
  target: string,
  kind: 'any' | 'file' | 'executable',
): Promise<PathProblem | null> => {
  const found = await stat(target).catch(() => null)
  if (found === null) return 'does not exist'
  if (kind === 'any') return null
  if (!found.isFile()) return 'is not a file'
  if (kind === 'file') return null
  const executable = await access(target, constants.X_OK).then(
    () => true,
    () => false,
  )
  return executable ? null : 'is not executable'
}
