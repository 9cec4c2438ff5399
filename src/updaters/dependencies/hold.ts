import path from 'node:path'
import { isWithin } from '../../config/paths.js'
import { MoonkeeperError } from '../../contract/error.js'
import { virtualenvObstacle } from '../../python/kept-virtualenv.js'
import type { Files } from '../../system/files.js'
import type { Dependent } from './dependent.js'

/** Beside a folder, on its file system; only this application uses it. */
const beside = (folder: string, name: string): string => path.join(path.dirname(folder), '.moonkeeper', name)

/** Beside the application, or beside what is kept unless that lies in the application, or with our own data. */
const candidates = ({ name, folder: app, outside }: Dependent, folder: string): readonly string[] => [
  beside(app, name),
  ...(isWithin(folder, app) ? [] : [beside(folder, name)]),
  path.join(outside.dataFolder, 'dependencies', name),
]

const mayMake = async (folder: string, files: Files): Promise<boolean> => {
  let nearest = folder
  while ((await files.stat(nearest)) === null) nearest = path.dirname(nearest)
  return files.mayWrite(nearest)
}

/**
 * Where versions of a folder of dependencies are kept: it must be reached by a rename.
 * @throws refused when there is no such place, and what to do about it
 */
export const holdFor = async (dependent: Dependent, folder: string): Promise<string> => {
  const { files } = dependent.outside
  let first: string | null = null
  for (const hold of candidates(dependent, folder)) {
    const obstacle = (await mayMake(hold, files))
      ? await virtualenvObstacle(folder, hold, dependent.outside)
      : `${path.dirname(hold)} is not writable. Look who owns it: ls -ld ${path.dirname(path.dirname(hold))}`
    if (obstacle === null) return hold
    first ??= obstacle
  }
  throw new MoonkeeperError('refused', `${dependent.label}: ${first ?? ''} Nothing was changed.`)
}
