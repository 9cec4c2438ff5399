import { constants, type Stats } from 'node:fs'
import * as fs from 'node:fs/promises'
import path from 'node:path'

export interface Entry {
  readonly name: string
  readonly kind: 'file' | 'directory' | 'symlink' | 'other'
}

/**
 * Files that outlive a power cut. Every change here is on the disk when its promise resolves:
 * written beside the target, fsynced, renamed, and the folder fsynced.
 */
export interface Files {
  /** null when there is no such file. */
  readText(file: string): Promise<string | null>
  /** null when there is no such file; the target's text for a symlink. */
  readContent(file: string): Promise<Buffer | null>
  writeText(file: string, text: string): Promise<void>
  writeBytes(file: string, bytes: Buffer): Promise<void>
  /**
   * Removes a file, a symlink (not what it leads to) or a folder with all that is in it, and what an interrupted
   * write of it left. Absent is fine.
   */
  remove(target: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Copies a file or symlink with its mode and times over whatever file is there. Absent folders are made. */
  copyEntry(from: string, to: string): Promise<void>
  makeFolder(folder: string): Promise<void>
  /** Removes `folder` and then its parents as long as they are empty, up to `stop` (which stays). */
  removeEmptyFolders(folder: string, stop: string): Promise<void>
  list(folder: string): Promise<readonly Entry[]>
  /** lstat; null when absent. */
  stat(target: string): Promise<Stats | null>
}

const isAbsent = (thrown: unknown): boolean => {
  const code = (thrown as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR'
}

const orNull = async <T>(promise: Promise<T>): Promise<T | null> => {
  try {
    return await promise
  } catch (thrown) {
    if (isAbsent(thrown)) return null
    throw thrown
  }
}

/** What fails on an open file does not say which: people must know where the disk is full. */
const naming = async <T>(file: string, work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (thrown) {
    if (thrown instanceof Error && !('path' in thrown)) Object.assign(thrown, { path: file })
    throw thrown
  }
}

const syncPath = async (target: string): Promise<void> => {
  const handle = await fs.open(target, constants.O_RDONLY)
  try {
    await naming(target, handle.sync())
  } finally {
    await handle.close()
  }
}

const stat = (target: string): Promise<Stats | null> => orNull(fs.lstat(target))

const makeFolder = async (folder: string): Promise<void> => {
  const first = await fs.mkdir(folder, { recursive: true })
  if (first === undefined) return
  for (let made = folder; made.length >= first.length; made = path.dirname(made))
    await syncPath(path.dirname(made))
}

/**
 * Where a file is written before it gets its name. Always the same, so that what a kill left there is overwritten by the
 * next try. One writer a file: the engine does one thing at a time.
 */
const beside = (file: string): string =>
  path.join(path.dirname(file), `.${path.basename(file)}.moonkeeper-tmp`)

const writeOut = async (file: string, content: string | Buffer): Promise<void> => {
  const handle = await fs.open(file, 'w', 0o644)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const write = async (file: string, content: string | Buffer): Promise<void> => {
  const temporary = beside(file)
  await naming(temporary, writeOut(temporary, content))
  await fs.rename(temporary, file)
  await syncPath(path.dirname(file))
}

const copyEntry = async (from: string, to: string): Promise<void> => {
  await makeFolder(path.dirname(to))
  const temporary = beside(to)
  const found = await fs.lstat(from)
  await fs.rm(temporary, { force: true })
  if (found.isSymbolicLink()) {
    await fs.symlink(await fs.readlink(from), temporary)
  } else {
    await fs.copyFile(from, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    await fs.chmod(temporary, found.mode & 0o777)
    await fs.utimes(temporary, found.atime, found.mtime)
    await syncPath(temporary)
  }
  await fs.rename(temporary, to)
  await syncPath(path.dirname(to))
}

const remove = async (target: string): Promise<void> => {
  await fs.rm(target, { recursive: true, force: true, maxRetries: 2 })
  await fs.rm(beside(target), { force: true })
  const parent = path.dirname(target)
  if ((await stat(parent)) !== null) await syncPath(parent)
}

const rename = async (from: string, to: string): Promise<void> => {
  await fs.rename(from, to)
  await syncPath(path.dirname(to))
  if (path.dirname(from) !== path.dirname(to)) await syncPath(path.dirname(from))
}

const readContent = async (file: string): Promise<Buffer | null> => {
  const found = await stat(file)
  if (found === null || found.isDirectory()) return null
  return found.isSymbolicLink() ? fs.readlink(file, { encoding: 'buffer' }) : fs.readFile(file)
}

const removeEmptyFolders = async (folder: string, stop: string): Promise<void> => {
  let current = folder
  while (current.startsWith(`${stop}${path.sep}`)) {
    const names = await orNull(fs.readdir(current))
    if (names !== null && names.length > 0) return
    if (names !== null) await fs.rmdir(current)
    current = path.dirname(current)
  }
}

const list = async (folder: string): Promise<readonly Entry[]> => {
  const entries = (await orNull(fs.readdir(folder, { withFileTypes: true }))) ?? []
  return entries.map((entry) => {
    if (entry.isSymbolicLink()) return { name: entry.name, kind: 'symlink' }
    if (entry.isDirectory()) return { name: entry.name, kind: 'directory' }
    return { name: entry.name, kind: entry.isFile() ? 'file' : 'other' }
  })
}

export const systemFiles: Files = {
  readText: (file) => orNull(fs.readFile(file, 'utf8')),
  readContent,
  writeText: write,
  writeBytes: write,
  remove,
  rename,
  copyEntry,
  makeFolder,
  removeEmptyFolders,
  list,
  stat,
}
