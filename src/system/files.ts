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
  /** Writes what only this user may read, and never was readable to others. */
  writeSecret(file: string, text: string): Promise<void>
  /**
   * Removes a file, a symlink (not what it leads to) or a folder with all that is in it, and what an interrupted
   * write of it left. Absent is fine.
   */
  remove(target: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Adds text to the end of a file. The one change here that a power cut may take back. */
  appendLoosely(file: string, text: string): Promise<void>
  /** True when things may be made and removed in a folder. False when there is none. */
  mayWrite(folder: string): Promise<boolean>
  /** Changes a file's mode. */
  setMode(file: string, mode: number): Promise<void>
  /** What was renamed in a folder by somebody else (mv, say) is on the disk when this resolves. */
  syncFolder(folder: string): Promise<void>
  /** Bytes that we may still write where the path is, or its nearest folder that exists. */
  freeSpace(target: string): Promise<number>
  /** Copies a file or symlink with its mode and times over whatever file is there. Absent folders are made. */
  copyEntry(from: string, to: string): Promise<void>
  makeFolder(folder: string): Promise<void>
  /** Removes `folder` and then its parents as long as they are empty, up to `stop` (which stays). */
  removeEmptyFolders(folder: string, stop: string): Promise<void>
  list(folder: string): Promise<readonly Entry[]>
  /** lstat; null when absent. */
  stat(target: string): Promise<Stats | null>
  /**
   * Adds to the end of a file, which is made when there is none. What cannot be added whole (a full disk, say) is taken
   * away again; a power cut in between can leave the beginning of it.
   */
  append(file: string, content: string | Buffer): Promise<void>
  /** Cuts off what is behind so many bytes. */
  truncate(file: string, size: number): Promise<void>
  /** At most so many bytes from `start` on: fewer at the end of the file, none when there is no such file. */
  readRange(file: string, start: number, length: number): Promise<Buffer>
  /**
   * The lines of a file, each with the line feed that ends it; only the last may lack one. None when there is no such
   * file. In bounded memory: a line longer than a MiB comes in pieces, without line feeds but for the last.
   */
  lines(file: string): AsyncIterable<Buffer>
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
export const naming = async <T>(file: string, work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (thrown) {
    if (thrown instanceof Error && !('path' in thrown)) Object.assign(thrown, { path: file })
    throw thrown
  }
}

/** All of it: a single write may take less than it is given. */
export const writeFully = async (handle: fs.FileHandle, bytes: Buffer, position: number): Promise<void> => {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** fsync of a file or folder. */
export const syncPath = async (target: string): Promise<void> => {
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

const usualMode = 0o644
const secretMode = 0o600

const writeOut = async (file: string, content: string | Buffer, mode: number): Promise<void> => {
  const handle = await fs.open(file, 'w', mode)
  try {
    // What a kill left there may have another one.
    if (mode !== usualMode) await handle.chmod(mode)
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const write = async (file: string, content: string | Buffer, mode = usualMode): Promise<void> => {
  const temporary = beside(file)
  await naming(temporary, writeOut(temporary, content, mode))
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

const freeSpace = async (target: string): Promise<number> => {
  const space = await orNull(fs.statfs(target))
  if (space !== null) return space.bavail * space.bsize
  return freeSpace(path.dirname(target))
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

/** Adds all of it or, as long as this process lives, nothing. */
const addTo = async (handle: fs.FileHandle, size: number, content: string | Buffer): Promise<void> => {
  try {
    await handle.appendFile(content)
    await handle.sync()
  } catch (thrown) {
    await handle.truncate(size).catch(() => undefined)
    throw thrown
  }
}

const append = async (file: string, content: string | Buffer): Promise<void> => {
  const handle = await fs.open(file, 'a', 0o644)
  try {
    const { size } = await handle.stat()
    await naming(file, addTo(handle, size, content))
    // Its name may be as new as its content.
    if (size === 0) await syncPath(path.dirname(file))
  } finally {
    await handle.close()
  }
}

const truncate = async (file: string, size: number): Promise<void> => {
  const handle = await fs.open(file, 'r+')
  try {
    await naming(file, handle.truncate(size))
    await naming(file, handle.sync())
  } finally {
    await handle.close()
  }
}

const readRange = async (file: string, start: number, length: number): Promise<Buffer> => {
  const handle = await orNull(fs.open(file, 'r'))
  if (handle === null) return Buffer.alloc(0)
  try {
    const buffer = Buffer.alloc(length)
    let filled = 0
    for (let read = 1; read > 0 && filled < length; filled += read)
      read = (await naming(file, handle.read(buffer, filled, length - filled, start + filled))).bytesRead
    return buffer.subarray(0, filled)
  } finally {
    await handle.close()
  }
}

const lineFeed = 0x0a
const chunkSize = 64 * 1024
const longestPiece = 1024 * 1024

async function* lines(file: string): AsyncGenerator<Buffer> {
  const handle = await orNull(fs.open(file, 'r'))
  if (handle === null) return
  let rest: Buffer = Buffer.alloc(0)
  // Closes the handle, also when nobody wants to read on.
  for await (const chunk of handle.createReadStream({ highWaterMark: chunkSize })) {
    rest = Buffer.concat([rest, chunk as Buffer])
    let start = 0
    for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed, start)) {
      yield rest.subarray(start, end + 1)
      start = end + 1
    }
    rest = rest.subarray(start)
    if (rest.length < longestPiece) continue
    yield rest
    rest = Buffer.alloc(0)
  }
  if (rest.length > 0) yield rest
}

export const systemFiles: Files = {
  readText: (file) => orNull(fs.readFile(file, 'utf8')),
  readContent,
  writeText: (file, text) => write(file, text),
  writeBytes: (file, bytes) => write(file, bytes),
  writeSecret: (file, text) => write(file, text, secretMode),
  remove,
  rename,
  appendLoosely: (file, text) => naming(file, fs.appendFile(file, text)),
  setMode: async (file, mode) => {
    await fs.chmod(file, mode)
    await syncPath(file)
  },
  syncFolder: syncPath,
  freeSpace,
  mayWrite: (folder) =>
    fs.access(folder, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    ),
  copyEntry,
  makeFolder,
  removeEmptyFolders,
  list,
  stat,
  append,
  truncate,
  readRange,
  lines,
}
