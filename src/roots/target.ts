import type { Stats } from 'node:fs'
import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import { inside, statsOf, whilePinned, type Pinned } from '../system/pinned.js'
import type { Gate } from './gate.js'
import type { Place } from './request-path.js'

/** A name in a pinned folder that may be written: neither of both can be led elsewhere any more. */
export interface Target {
  readonly folder: Pinned
  readonly name: string
  readonly realPath: string
  /** What has the name now, a symlink itself; null when nothing has. */
  readonly existing: Stats | null
}

const noFolder = (at: string): MoonkeeperError =>
  new MoonkeeperError('bad_argument', `Directory does not exist (${at})`)

const whileNamed = async <T>(
  folderPath: string,
  name: string,
  gate: Gate,
  work: (target: Target) => Promise<T>,
): Promise<T> => {
  const outcome = await whilePinned(folderPath, async (folder) => {
    if (!folder.stats.isDirectory()) throw noFolder(folderPath)
    const realPath = path.join(folder.realPath, name)
    gate.refuseWriting(realPath)
    const existing = await statsOf(inside(folder, name))
    return { value: await work({ folder, name, realPath, existing }) }
  })
  if (outcome === null) throw noFolder(folderPath)
  return outcome.value
}

/**
 * Works on a name of a root, which may be a symlink.
 * @throws bad_argument for the root itself and for what is in no folder; forbidden; read_only
 */
export const whileTarget = <T>(
  place: Place,
  gate: Gate,
  work: (target: Target) => Promise<T>,
): Promise<T> => {
  if (place.relative === '')
    throw new MoonkeeperError(
      'bad_argument',
      `${place.root.name} is a root: only what is in it can be changed`,
    )
  return whileNamed(path.dirname(place.path), path.basename(place.path), gate, work)
}

/** Works on what a symlink leads to, when the name is one: an editor that saves a file saves that. */
export const whileWritten = <T>(place: Place, gate: Gate, work: (target: Target) => Promise<T>): Promise<T> =>
  whileTarget(place, gate, async (target) => {
    if (target.existing?.isSymbolicLink() !== true) return work(target)
    const realPath = await whilePinned(inside(target.folder, target.name), async (found) => found.realPath)
    if (realPath === null)
      throw new MoonkeeperError('refused', `${target.name} is a symlink that leads nowhere: remove it first`)
    return whileNamed(path.dirname(realPath), path.basename(realPath), gate, (led) => {
      if (led.existing?.isSymbolicLink() !== true) return work(led)
      throw new MoonkeeperError('busy', `${target.name} was changed meanwhile: try again`)
    })
  })
