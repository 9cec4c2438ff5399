import { asMoonkeeperError } from '../contract/error.js'
import { abortError } from '../system/http.js'
import { createTree, type NewTree } from '../system/new-tree.js'
import { openFile, type OpenFile } from '../system/open-file.js'
import { contentOf, isSmall, wholeContentOf } from './archive/content.js'
import { checkOverlaps, parseEntry, type ArchiveEntry } from './archive/entry.js'
import { inParallel } from './archive/parallel.js'
import { badArchive } from './archive/problem.js'
import { ArchiveTree } from './archive/tree.js'
import { readZip } from './archive/zip-file.js'

export interface ArchiveLimits {
  /** Default 100 000. */
  readonly entries: number
  /** Bytes of all files together. Default 2 GiB. */
  readonly size: number
  /** How many times larger than the archive its content may be, where that is more than 32 MiB. Default 100. */
  readonly ratio: number
}

export interface UnpackRequest {
  /** A zip. */
  readonly archive: string
  /** Is made; there must be nothing yet. The folder that it lies in must be there. */
  readonly folder: string
  readonly limits?: Partial<ArchiveLimits>
  readonly signal?: AbortSignal | undefined
  /** Bytes written, and of all files together. About a hundred times. */
  readonly progress?: (bytes: number, total: number) => void
}

export interface Unpacked {
  /** Files and links, relative to the folder. */
  readonly files: readonly string[]
  /** How many of them are links. */
  readonly links: number
  /** Of all files together. */
  readonly bytes: number
}

export interface InspectRequest {
  readonly archive: string
  /** The path of an entry to be read, of at most 1 MiB. */
  readonly read?: string
  readonly limits?: Partial<ArchiveLimits>
  readonly signal?: AbortSignal | undefined
}

export interface Inspection {
  readonly entries: number
  /** Of all files together. */
  readonly bytes: number
  /** null when there is no such file, or none was asked for. */
  readonly content: Buffer | null
}

const defaults: ArchiveLimits = { entries: 100_000, size: 2 * 1024 ** 3, ratio: 100 }
const ratioFloor = 32 * 1024 * 1024
/** Small files wait for the disk more than for anything else, large ones take memory. */
const smallFilesAtOnce = 8
const largeFilesAtOnce = 2
const maxRead = 1024 * 1024

interface Contents {
  readonly entries: readonly ArchiveEntry[]
  readonly tree: ArchiveTree
  readonly bytes: number
}

const checkSize = (bytes: number, file: OpenFile, limits: ArchiveLimits): void => {
  if (bytes > limits.size)
    throw badArchive(`it unpacks to more than the ${limits.size} bytes that are allowed`)
  if (bytes > ratioFloor && bytes > file.size * limits.ratio)
    throw badArchive(`it unpacks to more than ${limits.ratio} times its size`)
}

/** Everything that can be known without unpacking: whatever is wrong with it is found before anything is written. */
const readContents = async (
  file: OpenFile,
  limits: ArchiveLimits,
  signal: AbortSignal | undefined,
): Promise<Contents> => {
  const { entries: raws, listStart } = await readZip(file, limits.entries, signal)
  checkOverlaps(raws, listStart)
  const entries = raws.map(parseEntry)
  const bytes = entries.reduce((sum, { kind, raw }) => sum + (kind === 'file' ? raw.size : 0), 0)
  checkSize(bytes, file, limits)
  const tree = new ArchiveTree()
  for (const entry of entries) tree.add(entry)
  for (const entry of entries)
    if (entry.kind === 'symlink')
      tree.addTarget(entry, (await wholeContentOf(file, entry.raw, signal)).toString('utf8'))
  tree.checkLinks()
  return { entries, tree, bytes }
}

/** Progress in steps of a hundredth. */
const inSteps = (total: number, tell: UnpackRequest['progress']): ((bytes: number) => void) => {
  let done = 0
  let told = 0
  return (bytes) => {
    done += bytes
    if (done - told < total / 100 && done < total) return
    told = done
    tell?.(done, total)
  }
}

async function* counted(
  content: AsyncIterable<Buffer>,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of content) {
    yield chunk
    count(chunk.length)
  }
}

/** Links come last: nothing can be written through one. */
const write = async (
  file: OpenFile,
  { entries, tree, bytes }: Contents,
  target: NewTree,
  { signal, progress }: UnpackRequest,
): Promise<Unpacked> => {
  const count = inSteps(bytes, progress)
  for (const { path, mode } of tree.folders()) await target.makeFolder(path, mode)
  const files = entries.filter(({ kind }) => kind === 'file')
  const writeFile = async ({ parts, mode, raw }: ArchiveEntry): Promise<void> => {
    signal?.throwIfAborted()
    await target.writeFile(parts.join('/'), mode, counted(contentOf(file, raw, signal), count))
  }
  const [small, large] = [files.filter(({ raw }) => isSmall(raw)), files.filter(({ raw }) => !isSmall(raw))]
  await inParallel(large, largeFilesAtOnce, writeFile)
  await inParallel(small, smallFilesAtOnce, writeFile)
  const links = entries.filter(({ kind }) => kind === 'symlink')
  for (const link of links) await target.makeSymlink(link.parts.join('/'), tree.targetOf(link))
  return { files: [...files, ...links].map(({ parts }) => parts.join('/')), links: links.length, bytes }
}

const unpackInto = async (file: OpenFile, contents: Contents, request: UnpackRequest): Promise<Unpacked> => {
  const target = await createTree(request.folder)
  try {
    const unpacked = await write(file, contents, target, request)
    await target.finish()
    return unpacked
  } catch (thrown) {
    // What failed first is what is told.
    await target.discard().catch(() => undefined)
    throw thrown
  }
}

const withFile = async <T>(
  archive: string,
  signal: AbortSignal | undefined,
  work: (file: OpenFile) => Promise<T>,
): Promise<T> => {
  let file: OpenFile | null = null
  try {
    file = await openFile(archive)
    return await work(file)
  } catch (thrown) {
    throw signal?.aborted === true ? abortError(signal) : asMoonkeeperError(thrown)
  } finally {
    await file?.close()
  }
}

/**
 * Unpacks a zip into a new folder, all of it or nothing: when it fails the folder is gone again (after a kill that is
 * left to the caller). What it resolves with is on the disk. The times of the files are those of now: a web server would take a file of the same time and size for
 * unchanged.
 * @throws bad_archive, no_space, refused (the folder is there), command_failed (the file system); the signal's reason
 */
export const unpack = (request: UnpackRequest): Promise<Unpacked> =>
  withFile(request.archive, request.signal, async (file) => {
    const contents = await readContents(file, { ...defaults, ...request.limits }, request.signal)
    return unpackInto(file, contents, request)
  })

/**
 * Looks at a zip without unpacking it, as strictly as if it were unpacked.
 * @throws bad_archive, command_failed (the file system); the signal's reason
 */
export const inspect = (request: InspectRequest): Promise<Inspection> =>
  withFile(request.archive, request.signal, async (file) => {
    const { signal } = request
    const { entries, bytes } = await readContents(file, { ...defaults, ...request.limits }, signal)
    const wanted = entries.find(({ kind, parts }) => kind === 'file' && parts.join('/') === request.read)
    if (wanted !== undefined && wanted.raw.size > maxRead)
      throw badArchive(`${request.read} in it has more than ${maxRead} bytes`)
    const content = wanted === undefined ? null : await wholeContentOf(file, wanted.raw, signal)
    return { entries: entries.length, bytes, content }
  })
