import { constants, type Stats } from 'node:fs'
import * as fs from 'node:fs/promises'
import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import { inside, namesIn, syncHandle, syncPinned, whilePinned, type Pinned } from './pinned.js'

/** Folders in folders beyond this are nobody's configuration. */
const deepest = 100

const tooDeep = (folder: Pinned): MoonkeeperError =>
  new MoonkeeperError(
    'refused',
    `${path.basename(folder.realPath)} has more than ${deepest} folders in each other`,
  )

/** Removes everything in a pinned folder. Symlinks are removed, not followed. */
export const emptyFolder = async (folder: Pinned, depth = 0): Promise<void> => {
  if (depth > deepest) throw tooDeep(folder)
  for (const name of await namesIn(folder)) {
    const target = inside(folder, name)
    await whilePinned(
      target,
      async (found) => {
        if (!found.stats.isDirectory()) return fs.unlink(target)
        await emptyFolder(found, depth + 1)
        await fs.rmdir(target)
      },
      { follow: false },
    )
  }
}

/** The content of a pinned file under a name that is free. Mode and times come along. */
export const copyFileTo = async (from: Pinned, to: string): Promise<void> => {
  await fs.copyFile(from.handle, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  await fs.chmod(to, from.stats.mode & 0o777)
  await fs.utimes(to, from.stats.atime, from.stats.mtime)
  await syncHandle(to)
}

/**
 * A pinned folder with all that is in it, under a name that is free. Symlinks stay symlinks; what is neither file nor
 * folder is left out, and so is what `wanted` does not want.
 */
export const copyFolderTo = async (
  from: Pinned,
  to: string,
  wanted: (realPath: string) => boolean,
  depth = 0,
): Promise<void> => {
  if (depth > deepest) throw tooDeep(from)
  await fs.mkdir(to, from.stats.mode & 0o777)
  const copyNames = async (folder: Pinned): Promise<void> => {
    for (const name of await namesIn(from)) {
      const [source, target] = [inside(from, name), inside(folder, name)]
      const copy = async (found: Pinned): Promise<void> => {
        if (!wanted(found.realPath)) return
        if (found.stats.isDirectory()) return copyFolderTo(found, target, wanted, depth + 1)
        if (found.stats.isSymbolicLink()) return fs.symlink(await fs.readlink(source), target)
        if (found.stats.isFile()) return copyFileTo(found, target)
      }
      await whilePinned(source, copy, { follow: false })
    }
    await syncPinned(folder)
  }
  await whilePinned(to, copyNames, { follow: false })
}

/** Moves a folder out of a pinned one, to a path that is free; where a rename does not lead there, it is removed. */
export const takeAway = async (folder: Pinned, name: string, to: string): Promise<void> => {
  try {
    await fs.rename(inside(folder, name), to)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EXDEV') throw thrown
    await whilePinned(inside(folder, name), emptyFolder, { follow: false })
    await fs.rmdir(inside(folder, name))
  }
  await syncPinned(folder)
}

/** A daemon that runs as root must not take files away from their user. */
const giveTo = async (target: string, owner: Stats): Promise<void> => {
  const own = await fs.lstat(target)
  if (own.uid === owner.uid && own.gid === owner.gid) return
  await fs.lchown(target, owner.uid, owner.gid).catch(() => undefined)
}

/** Hidden from everyone; one writer at a time. */
const unfinished = '.unfinished.moonkeeper-tmp'

/** Where a rename does not lead to: a copy beside the place, and a rename there. */
const copyAndRename = async (from: Pinned, folder: Pinned, name: string): Promise<void> => {
  const beside = inside(folder, unfinished)
  await fs.rm(beside, { recursive: true, force: true })
  try {
    if (from.stats.isDirectory()) await copyFolderTo(from, beside, () => true)
    else await copyFileTo(from, beside)
    await fs.rename(beside, inside(folder, name))
  } catch (thrown) {
    await fs.rm(beside, { recursive: true, force: true })
    throw thrown
  }
}

/**
 * Gives a finished file or folder its place: whoever looks there sees the old one or the new one.
 * @param made on the disk already
 * @param replaced the file that is there now; null when nothing is
 */
export const install = async (
  made: string,
  folder: Pinned,
  name: string,
  replaced: Stats | null,
): Promise<void> => {
  try {
    await fs.rename(made, inside(folder, name))
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EXDEV') throw thrown
    await whilePinned(made, (pinned) => copyAndRename(pinned, folder, name))
  }
  if (replaced !== null) await fs.chmod(inside(folder, name), replaced.mode & 0o777)
  await giveTo(inside(folder, name), replaced ?? folder.stats)
  await syncPinned(folder)
}
