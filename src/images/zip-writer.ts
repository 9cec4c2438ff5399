import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { MoonkeeperError } from '../contract/error.js'
import { naming, writeFully } from '../system/files.js'
import type { OpenFile } from '../system/open-file.js'

/** Bytes that a zip of the first kind can hold, and how many files. */
const limits = { size: 0xffffffff, entries: 0xffff }

interface Written {
  readonly name: Buffer
  readonly start: number
  readonly size: number
  readonly crc: number
}

const field = (value: number, bytes: 2 | 4): Buffer => {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntLE(value, 0, bytes)
  return buffer
}

/** What both headers of a file say: UTF-8 name, stored as it is, no time. */
const common = ({ name, size, crc }: Written): Buffer[] => [
  field(0x800, 2),
  field(0, 2),
  field(0, 2),
  field(0x21, 2),
  field(crc, 4),
  field(size, 4),
  field(size, 4),
  field(name.length, 2),
  field(0, 2),
]

const localHeader = (entry: Written): Buffer =>
  Buffer.concat([field(0x04034b50, 4), field(20, 2), ...common(entry), entry.name])

const listEntry = (entry: Written): Buffer =>
  Buffer.concat([
    field(0x02014b50, 4),
    field(0x0314, 2),
    field(20, 2),
    ...common(entry),
    field(0, 2),
    field(0, 2),
    field(0, 2),
    field(0o100644 * 0x10000, 4),
    field(entry.start, 4),
    entry.name,
  ])

const endOfList = (count: number, size: number, start: number): Buffer =>
  Buffer.concat([
    field(0x06054b50, 4),
    field(0, 4),
    field(count, 2),
    field(count, 2),
    field(size, 4),
    field(start, 4),
    field(0, 2),
  ])

export interface ZipWriter {
  /** Adds a file as it is. @returns its size and SHA-256 */
  addFile(name: string, file: OpenFile): Promise<{ readonly size: number; readonly sha256: string }>
  addBytes(name: string, content: Buffer): Promise<void>
  /** All of it is on the disk when this resolves. */
  finish(): Promise<void>
  /** Closes it unfinished. */
  abandon(): Promise<void>
}

/** Writes files one behind the other; what they hold is packed already. */
class Writer implements ZipWriter {
  private readonly entries: Written[] = []
  private position = 0

  constructor(
    private readonly target: string,
    private readonly handle: FileHandle,
  ) {}

  async addFile(name: string, file: OpenFile): Promise<{ readonly size: number; readonly sha256: string }> {
    const hash = createHash('sha256')
    const start = this.position
    const header = localHeader({ name: Buffer.from(name), start, size: file.size, crc: 0 })
    let crc = 0
    this.position += header.length
    for await (const chunk of file.chunks(0, file.size)) {
      crc = crc32(chunk, crc)
      hash.update(chunk)
      await this.write(chunk)
    }
    const size = this.position - start - header.length
    await this.end({ name: Buffer.from(name), start, size, crc })
    return { size, sha256: hash.digest('hex') }
  }

  async addBytes(name: string, content: Buffer): Promise<void> {
    const entry = { name: Buffer.from(name), start: this.position, size: content.length, crc: crc32(content) }
    this.position += localHeader(entry).length
    await this.write(content)
    await this.end(entry)
  }

  async finish(): Promise<void> {
    const start = this.position
    for (const entry of this.entries) await this.write(listEntry(entry))
    await this.write(endOfList(this.entries.length, this.position - start, start))
    await naming(this.target, this.handle.sync())
    await this.handle.close()
  }

  async abandon(): Promise<void> {
    await this.handle.close()
  }

  /** The header is written when the content is known. */
  private async end(entry: Written): Promise<void> {
    this.entries.push(entry)
    if (this.position > limits.size || this.entries.length > limits.entries)
      throw new MoonkeeperError('too_large', 'An image holds at most 4 GiB. Put fewer applications into it.')
    await naming(this.target, writeFully(this.handle, localHeader(entry), entry.start))
  }

  private async write(bytes: Buffer): Promise<void> {
    await naming(this.target, writeFully(this.handle, bytes, this.position))
    this.position += bytes.length
  }
}

/** @param target there must be nothing yet */
export const createZip = async (target: string): Promise<ZipWriter> =>
  new Writer(target, await open(target, 'wx', 0o644))
