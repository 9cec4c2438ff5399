import { Readable } from 'node:stream'
import yauzl from 'yauzl'
import type { OpenFile } from '../../system/open-file.js'
import { badArchive } from './problem.js'

/** One entry as the archive describes it, in its list and again before its content. Nothing of it is believed yet. */
export interface RawEntry {
  readonly name: string
  /** The mode's upper half on Unix; 0 where the archive was made elsewhere. */
  readonly mode: number
  readonly method: number
  readonly flags: number
  readonly crc32: number
  readonly compressedSize: number
  readonly size: number
  readonly headerStart: number
  readonly dataStart: number
}

export interface ZipContents {
  readonly entries: readonly RawEntry[]
  /** Where the list of the entries begins: all content lies before it. */
  readonly listStart: number
}

const windowSize = 64 * 1024
const utf8Flag = 0x800
const descriptorFlag = 0x8
const inZip64 = 0xffffffff
/** What may follow the list: its end, its end in zip64, or a signature of it. */
const afterList: ReadonlySet<number> = new Set([0x06054b50, 0x06064b50, 0x05054b50])

/** yauzl tells its callback how much it read; its types leave that out. */
type Done = (thrown: Error | null, bytes?: number) => void

/** The file for yauzl: what it reads are headers of some dozen bytes, side by side. */
class Source extends yauzl.RandomAccessReader {
  private readonly window = Buffer.alloc(windowSize)
  private start = 0
  private end = 0

  constructor(private readonly file: OpenFile) {
    super()
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, done: Done): void {
    this.fill(buffer.subarray(offset, offset + length), position).then(
      (bytes) => done(null, bytes),
      (thrown: Error) => done(thrown),
    )
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.file.chunks(start, end))
  }

  private async fill(target: Buffer, position: number): Promise<number> {
    if (!(position >= 0 && position + target.length <= this.file.size)) throw new Error('it ends too early')
    if (target.length > windowSize) return this.file.read(target, position)
    if (position < this.start || position + target.length > this.end) {
      this.end = position + (await this.file.read(this.window, position))
      this.start = position
    }
    const from = position - this.start
    return this.window.copy(target, 0, from, Math.min(from + target.length, this.end - this.start))
  }
}

/** The window that Source keeps is shared: one read at a time. What fails on the disk is not the archive's fault. */
const reading = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (thrown) {
    if (typeof (thrown as NodeJS.ErrnoException).errno === 'number') throw thrown
    throw badArchive(
      `it cannot be read (${thrown instanceof Error ? thrown.message.slice(0, 160) : 'unknown'})`,
      thrown,
    )
  }
}

const nameOf = (entry: yauzl.Entry): string => {
  const utf8 = (entry.generalPurposeBitFlag & utf8Flag) !== 0
  const { fileNameRaw, extraFields } = entry
  const name = yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, fileNameRaw, extraFields, true)
  if (name.includes('\ufffd') || (utf8 && !Buffer.from(fileNameRaw.toString('utf8')).equals(fileNameRaw)))
    throw badArchive('a name in it is no UTF-8, though it says so')
  return name
}

/** @returns what the header before the content says otherwise than the list, or null */
const contradiction = (entry: yauzl.Entry, header: yauzl.LocalFileHeader): string | null => {
  const same = (listed: number, own: number): boolean => own === listed || own === inZip64
  if (!header.fileName.equals(entry.fileNameRaw)) return 'name'
  if (header.compressionMethod !== entry.compressionMethod) return 'compression'
  const flags = header.generalPurposeBitFlag
  if (((flags ^ entry.generalPurposeBitFlag) & 1) !== 0) return 'encryption'
  // With a descriptor the sizes stand after the content.
  if ((flags & descriptorFlag) !== 0) return null
  if (header.crc32 !== entry.crc32) return 'checksum'
  if (!same(entry.compressedSize, header.compressedSize)) return 'size'
  return same(entry.uncompressedSize, header.uncompressedSize) ? null : 'size'
}

const readEntry = async (zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<RawEntry> => {
  const header = await reading(zip.readLocalFileHeaderPromise(entry))
  const what = contradiction(entry, header)
  if (what !== null) throw badArchive(`it says two things of the ${what} of one entry`)
  return {
    name: nameOf(entry),
    mode: entry.externalFileAttributes >>> 16,
    method: entry.compressionMethod,
    flags: entry.generalPurposeBitFlag | header.generalPurposeBitFlag,
    crc32: entry.crc32,
    compressedSize: entry.compressedSize,
    size: entry.uncompressedSize,
    headerStart: entry.relativeOffsetOfLocalHeader,
    dataStart: header.fileDataStart,
  }
}

/** The list must end where it is said to end: other programs would read on, and see other entries. */
const checkEnd = async (file: OpenFile, position: number): Promise<void> => {
  const signature = Buffer.alloc(4)
  const bytes = await file.read(signature, position)
  if (bytes === 4 && afterList.has(signature.readUInt32LE())) return
  throw badArchive('there is more in its list of entries than it says')
}

/** @throws bad_archive, what the file system refuses, the signal's reason */
export const readZip = async (
  file: OpenFile,
  maxEntries: number,
  signal: AbortSignal | undefined,
): Promise<ZipContents> => {
  const options = { autoClose: false, decodeStrings: false, strictFileNames: true, validateEntrySizes: true }
  const zip = await reading(yauzl.fromRandomAccessReaderPromise(new Source(file), file.size, options))
  // Errors come out of what is asked; one that nobody asked for must not end the process.
  zip.on('error', () => undefined)
  if (zip.entryCount > maxEntries) throw badArchive(`it has more than ${maxEntries} entries`)
  // Its types call the cursor a boolean.
  const cursor = (): number => zip.readEntryCursor as unknown as number
  const listStart = cursor()
  const entries: RawEntry[] = []
  const each = zip.eachEntry()
  for (;;) {
    signal?.throwIfAborted()
    const next = await reading(each.next())
    if (next.done === true) break
    entries.push(await readEntry(zip, next.value))
  }
  await checkEnd(file, cursor())
  return { entries, listStart }
}
