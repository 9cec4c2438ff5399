import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import { exchangeAtOnce, settleFolder } from '../system/exchange.js'
import { mountPointsIn } from '../system/mounts.js'
import type { PythonTools } from './virtualenv.js'

/**
 * A virtualenv that is about to be changed, and where the one that is left is kept. All of it is known before anything
 * is changed, and is what the pieces here go by after a crash.
 */
export interface VirtualenvChange {
  /** The virtualenv, symlinks followed. A virtualenv works in its own place only. */
  readonly folder: string
  /** Where the one that is left is kept: on the same file system, in a folder that only this application uses. */
  readonly kept: string
  /**
   * Of the virtualenv as it is now: no rename and no pip changes it, so that it tells what lies where. null when there
   * is nothing yet, and it is to be made.
   */
  readonly inode: number | null
}

const copyTimeout = 900_000

const partOf = ({ kept }: VirtualenvChange): string => `${kept}.part`
/** Where the changed one lies while the old one comes back from its place. */
const brokenOf = ({ kept }: VirtualenvChange): string => `${kept}.broken`

const inodeOf = async (target: string, { files }: PythonTools): Promise<number | null> =>
  (await files.stat(target))?.ino ?? null

/** Its symlinks followed; the path itself when there is nothing. */
export const realFolder = async (folder: string, { files }: PythonTools): Promise<string> => {
  let at = folder
  for (let links = 0; links < 40; links += 1) {
    const found = await files.stat(at)
    if (found?.isSymbolicLink() !== true) return at
    at = path.resolve(path.dirname(at), (await files.readContent(at))?.toString() ?? '')
  }
  return at
}

/**
 * What keeps a virtualenv from being kept and brought back by a rename; null when nothing does.
 * @param hold the folder that `kept` is to lie in; it need not be there yet
 */
export const virtualenvObstacle = async (
  folder: string,
  hold: string,
  { files }: PythonTools,
): Promise<string | null> => {
  const [mounted] = await mountPointsIn(folder, files)
  if (mounted !== undefined)
    return `${mounted} is a mount point, so ${folder} cannot be put back by a rename. Let the virtualenv lie in a folder below it. Look at: findmnt ${mounted}`
  const above = path.dirname(folder)
  if (!(await files.mayWrite(above)))
    return `${above} is not writable, so ${folder} cannot be put back. Look who owns it: ls -ld ${above}`
  let nearest = hold
  while ((await files.stat(nearest)) === null) nearest = path.dirname(nearest)
  const [here, there] = [await files.stat(folder), await files.stat(nearest)]
  return here === null || here.dev === there?.dev
    ? null
    : `${nearest} is on another file system than ${folder}. Look at: findmnt --target ${nearest}`
}

/** Bytes on the disk of all that is in it; null when that cannot be told. */
export const virtualenvSize = async (
  folder: string,
  { commands }: PythonTools,
  signal?: AbortSignal,
): Promise<number | null> => {
  const argv = ['du', '-s', '-B1', '--', folder] as const
  const result = await commands.run(argv, { timeout: 60_000, maxOutput: 64 * 1024, signal }).catch(() => null)
  const size = /^(\d+)\t/.exec(result?.stdout.toString('utf8') ?? '')?.[1]
  return size === undefined ? null : Number(size)
}

/**
 * Puts a copy of the virtualenv where it is kept: blocks are shared where the file system offers that, and never files
 * (hard links), which writes in place would reach. It has its name only when all of it is on the disk. May run again.
 */
export const keepVirtualenv = async (
  change: VirtualenvChange,
  tools: PythonTools,
  signal?: AbortSignal,
): Promise<void> => {
  const { files, commands } = tools
  if ((await inodeOf(change.kept, tools)) !== null) return
  const part = partOf(change)
  await files.makeFolder(path.dirname(change.kept))
  await files.remove(part)
  const argv = ['cp', '-a', '--reflink=auto', '--', change.folder, part] as const
  const result = await commands.run(argv, { timeout: copyTimeout, signal })
  signal?.throwIfAborted()
  if (result.code !== 0) {
    const said = result.stderr.trim().split('\n').at(-1) ?? ''
    throw new MoonkeeperError(
      'command_failed',
      `The virtualenv ${change.folder} could not be copied to ${part}: ${said || `cp ended with ${result.ended ?? result.code}`}. Nothing was changed`,
    )
  }
  await settleFolder(tools, part)
  await files.rename(part, change.kept)
}

/** For a virtualenv that is to be made anew: moves it to where it is kept. Its place is free then. May run again. */
export const setVirtualenvAside = async (change: VirtualenvChange, tools: PythonTools): Promise<void> => {
  const { files } = tools
  if (change.inode === null || (await inodeOf(change.folder, tools)) !== change.inode) return
  await files.makeFolder(path.dirname(change.kept))
  await files.rename(change.folder, change.kept)
}

/**
 * A kept virtualenv takes the place of the one that is there, which is kept in its turn. May run again.
 * @param from where the other one is kept
 */
export const exchangeVirtualenvs = async (
  change: VirtualenvChange,
  from: string,
  tools: PythonTools,
): Promise<void> => {
  const { files } = tools
  const { folder, kept, inode } = change
  await files.makeFolder(path.dirname(kept))
  if ((await inodeOf(folder, tools)) === inode && (await inodeOf(from, tools)) !== null)
    await exchangeAtOnce(tools, folder, from)
  if ((await inodeOf(from, tools)) === inode) return files.rename(from, kept)
  if ((await inodeOf(folder, tools)) === inode) await files.rename(folder, kept)
  if ((await inodeOf(folder, tools)) === null) await files.rename(from, folder)
}

/** The other way round: what was there before is there again, and the other one is kept where it was. */
export const exchangeVirtualenvsBack = async (
  change: VirtualenvChange,
  from: string,
  tools: PythonTools,
): Promise<void> => {
  const { files } = tools
  const { folder, kept, inode } = change
  if ((await inodeOf(folder, tools)) === inode) return
  const old = (await inodeOf(kept, tools)) === inode ? kept : from
  if ((await inodeOf(old, tools)) !== inode) throw missing(change)
  if (old === from) {
    await exchangeAtOnce(tools, folder, from)
    if ((await inodeOf(folder, tools)) === inode) return
    await files.rename(from, kept)
  }
  if ((await inodeOf(folder, tools)) !== null) await files.rename(folder, from)
  await files.rename(kept, folder)
}

const missing = ({ folder, kept }: VirtualenvChange): Error =>
  new Error(`the virtualenv as it was is neither in ${folder} nor in ${kept}`)

/** What is kept takes the place, by renames; what was in the place is kept instead, or in the other name. */
const putBack = async (change: VirtualenvChange, tools: PythonTools): Promise<void> => {
  const { files } = tools
  const { folder, kept } = change
  const wrong = await inodeOf(folder, tools)
  if (wrong !== null) await exchangeAtOnce(tools, folder, kept)
  if (wrong !== null && (await inodeOf(folder, tools)) === wrong) await files.rename(folder, brokenOf(change))
  if ((await inodeOf(folder, tools)) === null) await files.rename(kept, folder)
}

/** Removes all of a change but the virtualenv that is in its place. */
const sweep = async (change: VirtualenvChange, tools: PythonTools): Promise<void> => {
  if ((await inodeOf(change.folder, tools)) === null) throw missing(change)
  for (const target of [partOf(change), brokenOf(change), change.kept]) await tools.files.remove(target)
}

/**
 * After keepVirtualenv, and whatever was done to the virtualenv since: it is as it was, and no copy is left. A copy that
 * was not finished is worth nothing, and was not needed. Idempotent.
 */
export const bringCopyBack = async (change: VirtualenvChange, tools: PythonTools): Promise<void> => {
  const aside = await inodeOf(change.kept, tools)
  // The one that was changed has the inode: where it lies aside, the copy is in its place already.
  if (aside !== null && aside !== change.inode) await putBack(change, tools)
  await sweep(change, tools)
}

/**
 * After setVirtualenvAside, and whatever was made in its place since: the old one is there again, or nothing where there
 * was nothing. Idempotent.
 */
export const bringAsideBack = async (change: VirtualenvChange, tools: PythonTools): Promise<void> => {
  if (change.inode === null) return tools.files.remove(change.folder)
  if ((await inodeOf(change.kept, tools)) === change.inode) await putBack(change, tools)
  await sweep(change, tools)
}
