import { pipeline, Readable } from 'node:stream'
import { crc32, createDeflateRaw } from 'node:zlib'
import { MoonkeeperError } from '../contract/error.js'

/*
 * Enough of ZIP (APPNOTE.TXT 6.3) to pack configurations: no ZIP64, so neither an archive nor a file of it may have
 * 4 GiB. Sizes follow each file's content, because it is written while it is read.
 */

const largest = 0xffff_ffff
const mostEntries = 0xffff
/** Sizes follow; names are UTF-8. */
const flags = 0x0808
const [stored, deflated] = [0, 8]
const versionNeeded = 20
const madeByUnix = (3 << 8) | versionNeeded

const tooLarge = (): MoonkeeperError =>
  new MoonkeeperError('too_large', 'The archive would have 4 GiB or too many files: pack less at once')

interface Written {
  readonly name: Buffer
  readonly offset: number
  readonly method: number
  readonly time: readonly [time: number, date: number]
  readonly mode: number
  crc: number
  size: number
  packed: number
}

/** MS-DOS time and date, in local time. */
const dosTime = (milliseconds: number): readonly [number, number] => {
  const at = new Date(Math.max(milliseconds, Date.UTC(1980, 0, 2)))
  const time = (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1)
  return [time, ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate()]
}

type NumberField = readonly [size: 2 | 4, value: number]

const record = (...fields: readonly NumberField[]): Buffer => {
  const bytes = Buffer.alloc(fields.reduce((sum, [size]) => sum + size, 0))
  let at = 0
  for (const [size, value] of fields) at = bytes.writeUIntLE(value, at, size)
  return bytes
}

const localHeader = ({ name, method, time }: Written): Buffer => {
  const numbers: NumberField[] = [
    [4, 0x04034b50],
    [2, versionNeeded],
    [2, flags],
    [2, method],
    [2, time[0]],
    [2, time[1]],
  ]
  return Buffer.concat([record(...numbers, [4, 0], [4, 0], [4, 0], [2, name.length], [2, 0]), name])
}

const sizesOf = ({ crc, packed, size }: Written): readonly NumberField[] => [
  [4, crc],
  [4, packed],
  [4, size],
]

/** No extra field, no comment, first disk, no internal attributes; the mode is the upper half of the external ones. */
const centralHeader = (entry: Written): Buffer => {
  const { name, method, time, mode, offset } = entry
  const numbers = record(
    [4, 0x02014b50],
    [2, madeByUnix],
    [2, versionNeeded],
    [2, flags],
    [2, method],
    [2, time[0]],
    [2, time[1]],
    ...sizesOf(entry),
    [2, name.length],
    [4, 0],
    [4, 0],
    [2, 0],
    [2, mode],
    [4, offset],
  )
  return Buffer.concat([numbers, name])
}

export interface ZipFile {
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly modified: number
  readonly mode: number
  readonly content: AsyncIterable<Buffer>
}

/** Writes an archive, one file after another. */
export class ZipWriter {
  private readonly entries: Written[] = []
  private offset = 0

  /** @param write takes the archive's bytes in their order */
  constructor(
    private readonly write: (bytes: Buffer) => Promise<void>,
    private readonly storeOnly: boolean,
  ) {}

  /** @throws too_large */
  async add(file: ZipFile): Promise<void> {
    if (this.entries.length >= mostEntries) throw tooLarge()
    const entry: Written = {
      name: Buffer.from(file.name),
      offset: this.offset,
      method: this.storeOnly ? stored : deflated,
      time: dosTime(file.modified),
      mode: file.mode,
      crc: 0,
      size: 0,
      packed: 0,
    }
    await this.put(localHeader(entry))
    const counted = this.counted(file.content, entry)
    const packed = this.storeOnly ? counted : compressed(counted)
    for await (const chunk of packed) {
      entry.packed += chunk.length
      await this.put(chunk)
    }
    await this.put(record([4, 0x08074b50], ...sizesOf(entry)))
    this.entries.push(entry)
  }

  /** @throws too_large */
  async finish(): Promise<void> {
    const start = this.offset
    for (const entry of this.entries) await this.put(centralHeader(entry))
    const size = this.offset - start
    const count = this.entries.length
    await this.put(
      record([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, start], [2, 0]),
    )
  }

  private async *counted(content: AsyncIterable<Buffer>, entry: Written): AsyncGenerator<Buffer> {
    for await (const chunk of content) {
      entry.crc = crc32(chunk, entry.crc)
      entry.size += chunk.length
      if (entry.size > largest) throw tooLarge()
      yield chunk
    }
  }

  private async put(bytes: Buffer): Promise<void> {
    this.offset += bytes.length
    if (this.offset > largest) throw tooLarge()
    await this.write(bytes)
  }
}

/** Whoever stops reading ends the reading of the content, too. */
const compressed = (content: AsyncIterable<Buffer>): AsyncIterable<Buffer> => {
  const deflate = createDeflateRaw()
  // A failure reaches whoever reads.
  pipeline(Readable.from(content), deflate, () => undefined)
  return deflate as AsyncIterable<Buffer>
}
