import { constants, type Stats } from 'node:fs'
import * as fs from 'node:fs/promises'

/*
 * A path is looked up anew each time it is used, and somebody may put a symlink into it in between: what was checked is
 * not what is changed then. A pinned file or folder is held by its descriptor. `handle` leads to exactly that one, through
 * /proc (which Linux always has), whatever its path leads to by now; a name below it is looked up in exactly that folder.
 */
export interface Pinned {
  /** Where it really was when it was pinned: without a symlink. */
  readonly realPath: string
  readonly stats: Stats
  readonly handle: string
  close(): Promise<void>
}

/** Linux's O_PATH: neither reads nor waits, and so is safe for pipes and devices. Node does not name it. */
const placeOnly = 0o10000000

const absentCodes: readonly string[] = [
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'EINVAL',
  'ERR_INVALID_ARG_VALUE',
]

/** True for what can lead to no file at all. */
export const isNowhere = (thrown: unknown): boolean =>
  absentCodes.includes((thrown as NodeJS.ErrnoException).code ?? '')

const openOrNull = async (target: string, flags: number): Promise<fs.FileHandle | null> => {
  try {
    return await fs.open(target, flags)
  } catch (thrown) {
    if (isNowhere(thrown)) return null
    throw thrown
  }
}

/**
 * Follows symlinks, or not where the last name is one.
 * @returns null when there is no such thing
 */
export const pin = async (target: string, { follow = true } = {}): Promise<Pinned | null> => {
  const opened = await openOrNull(target, placeOnly | (follow ? 0 : constants.O_NOFOLLOW))
  if (opened === null) return null
  const handle = `/proc/self/fd/${opened.fd}`
  try {
    const stats = await opened.stat()
    const realPath = await fs.readlink(handle)
    if (stats.nlink > 0) return { realPath, stats, handle, close: () => opened.close() }
    await opened.close()
    return null
  } catch (thrown) {
    await opened.close()
    throw thrown
  }
}

/** With something pinned, which is let go in the end. @returns null when there is no such thing */
export const whilePinned = async <T>(
  target: string,
  work: (pinned: Pinned) => Promise<T>,
  options?: { readonly follow?: boolean },
): Promise<T | null> => {
  const pinned = await pin(target, options)
  if (pinned === null) return null
  try {
    return await work(pinned)
  } finally {
    await pinned.close()
  }
}

/** A name in a pinned folder. */
export const inside = (folder: Pinned, name: string): string => `${folder.handle}/${name}`

/** The names in a pinned folder, sorted. */
export const namesIn = async (folder: Pinned): Promise<readonly string[]> =>
  (await fs.readdir(folder.handle)).sort()

export const isSamePlace = (a: Stats, b: Stats): boolean => a.dev === b.dev && a.ino === b.ino

/** fsync of what a path leads to. */
export const syncHandle = async (target: string): Promise<void> => {
  const opened = await fs.open(target, constants.O_RDONLY)
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}

/** What was done in a pinned folder is on the disk when this resolves. */
export const syncPinned = (folder: Pinned): Promise<void> => syncHandle(folder.handle)

/** Of a name itself, also when it is a symlink. @returns null when there is no such thing */
export const statsOf = async (target: string): Promise<Stats | null> => {
  try {
    return await fs.lstat(target)
  } catch (thrown) {
    if (isNowhere(thrown)) return null
    throw thrown
  }
}

export interface Space {
  /** Bytes, all of them. */
  readonly total: number
  readonly used: number
  /** What this user may still use. */
  readonly free: number
}

/** Of the file system that a pinned folder is on. */
export const spaceOf = async (folder: Pinned): Promise<Space> => {
  const { bsize, blocks, bfree, bavail } = await fs.statfs(folder.handle)
  return { total: blocks * bsize, used: (blocks - bfree) * bsize, free: bavail * bsize }
}

/** A pinned file, opened for reading. */
export interface OpenPinned {
  /** @returns how many bytes there were */
  readonly read: (buffer: Buffer, position: number) => Promise<number>
  readonly close: () => Promise<void>
}

export const openPinned = async ({ handle }: Pinned): Promise<OpenPinned> => {
  const opened = await fs.open(handle, constants.O_RDONLY)
  return {
    read: async (buffer, position) => (await opened.read(buffer, 0, buffer.length, position)).bytesRead,
    close: () => opened.close(),
  }
}

/** Gives a name in a pinned folder another name, maybe in another one: what has that name is replaced. */
export const renamePinned = async (
  from: Pinned,
  name: string,
  to: Pinned,
  newName: string,
): Promise<void> => {
  await fs.rename(inside(from, name), inside(to, newName))
  await syncPinned(to)
  if (!isSamePlace(from.stats, to.stats)) await syncPinned(from)
}

export const makeFolderIn = async (folder: Pinned, name: string): Promise<void> => {
  await fs.mkdir(inside(folder, name))
  await syncPinned(folder)
}

/** Removes a file or symlink. */
export const removeFileIn = async (folder: Pinned, name: string): Promise<void> => {
  await fs.unlink(inside(folder, name))
  await syncPinned(folder)
}

/** Removes an empty folder. */
export const removeFolderIn = async (folder: Pinned, name: string): Promise<void> => {
  await fs.rmdir(inside(folder, name))
  await syncPinned(folder)
}
