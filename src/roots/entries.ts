import path from 'node:path'
import { isWithin } from '../config/paths.js'
import { MoonkeeperError } from '../contract/error.js'
import { makeFolderIn, renamePinned, whilePinned, type Pinned } from '../system/pinned.js'
import { copyFileTo, copyFolderTo, install, takeAway } from '../system/pinned-tree.js'
import type { Staging } from '../system/staged-file.js'
import type { Gate } from './gate.js'
import { placeIn, type Place } from './request-path.js'
import { whileTarget, type Target } from './target.js'

const taken = (name: string): MoonkeeperError => new MoonkeeperError('refused', `${name} exists already`)

/** compat: a destination that is a folder takes the source into it. */
export const destinationFor = async (asked: Place, gate: Gate, name: string): Promise<Place> => {
  const isFolder = await whilePinned(asked.path, async ({ stats, realPath }) => {
    gate.refuseReading(realPath)
    return stats.isDirectory()
  })
  return isFolder === true ? placeIn(asked.root, path.posix.join(asked.relative, name)) : asked
}

/** A file may take the place of a file; a folder needs a name that is free. */
export const moveEntry = async (from: Target, to: Target): Promise<void> => {
  const isFolder = from.existing?.isDirectory() === true
  if (to.existing !== null && (isFolder || to.existing.isDirectory())) throw taken(to.name)
  await renamePinned(from.folder, from.name, to.folder, to.name)
}

/** Puts what was made beside into its place. @returns true when it took the place of a file */
export const putFile = async (made: string, { folder, name, existing }: Target): Promise<boolean> => {
  if (existing !== null && !existing.isFile()) throw new MoonkeeperError('refused', `${name} is no file`)
  await install(made, folder, name, existing)
  return existing !== null
}

/** @returns true when it took the place of a file */
export const copyFile = async (from: Pinned, to: Target, staging: Staging): Promise<boolean> => {
  const made = staging.reserve()
  try {
    await copyFileTo(from, made)
    return await putFile(made, to)
  } finally {
    await staging.remove(made)
  }
}

/** What may not be seen is not copied. */
export const copyFolder = async (from: Pinned, to: Target, gate: Gate, staging: Staging): Promise<void> => {
  if (to.existing !== null) throw taken(to.name)
  if (isWithin(to.realPath, from.realPath))
    throw new MoonkeeperError('refused', `${to.name} is in the folder that is copied`)
  const made = staging.reserve()
  try {
    await copyFolderTo(from, made, (realPath) => gate.permissions(realPath, false) !== '')
    await install(made, to.folder, to.name, null)
  } finally {
    await staging.remove(made)
  }
}

/** A folder with all that is in it: for everyone else it is gone at once. */
export const removeTree = async ({ folder, name }: Target, staging: Staging): Promise<void> => {
  const gone = staging.reserve()
  await takeAway(folder, name, gone)
  await staging.remove(gone)
}

/** Makes the folders that a file will be in, one after another, each in the one that was just made. */
export const makeParents = async ({ root, relative }: Place, gate: Gate): Promise<void> => {
  const names = relative.split('/').slice(0, -1)
  for (const [index] of names.entries()) {
    const place = placeIn(root, names.slice(0, index + 1).join('/'))
    await whileTarget(place, gate, async ({ folder, name, existing }) => {
      if (existing === null) await makeFolderIn(folder, name)
    })
  }
}
