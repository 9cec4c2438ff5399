import { crc32, deflateRawSync } from 'node:zlib'

/** What a header says of an entry. */
interface Claims {
  readonly name: string | Buffer
  readonly method: number
  readonly flags: number
  readonly crc: number
  readonly size: number
  readonly compressedSize: number
}

/** One entry. What is not given is true; everything can be a lie. */
export interface ZipEntry extends Partial<Claims> {
  readonly name: string | Buffer
  readonly content?: string | Buffer
  /** With the type: 0o100644 is a file. None: as from a system without modes. */
  readonly mode?: number
  /** What stands there as packed content, instead of the content packed. */
  readonly packed?: Buffer
  /** What the header before the content says otherwise than the list. */
  readonly local?: Partial<Claims>
  /** Extra field in the list. */
  readonly extra?: Buffer
  /** Sizes after the content rather than before it. */
  readonly descriptor?: boolean
  /** Sizes and place in 64 bits. */
  readonly zip64?: boolean
  /** In the list only, with its header said to be here. */
  readonly at?: number
}

export interface ZipOptions {
  readonly before?: Buffer
  readonly after?: Buffer
  readonly comment?: Buffer
  /** How many entries there are said to be. */
  readonly count?: number
  /** Where the list is said to begin. */
  readonly listStart?: number
  readonly disk?: number
  readonly zip64?: boolean
}

const descriptorFlag = 0x8
const utf8Flag = 0x800
const full = 0xffffffff

const bytesOf = (text: string | Buffer): Buffer => (typeof text === 'string' ? Buffer.from(text) : text)

const uint = (value: number, bytes: 2 | 4 | 8): Buffer => {
  const buffer = Buffer.alloc(bytes)
  if (bytes === 8) buffer.writeBigUInt64LE(BigInt(value))
  else buffer.writeUIntLE(value, 0, bytes)
  return buffer
}

interface Packed {
  readonly claims: Claims
  readonly data: Buffer
}

const pack = (entry: ZipEntry): Packed => {
  const content = bytesOf(entry.content ?? '')
  const method = entry.method ?? (content.length > 0 ? 8 : 0)
  const data = entry.packed ?? (method === 8 ? deflateRawSync(content) : content)
  const flags = (entry.flags ?? utf8Flag) | (entry.descriptor === true ? descriptorFlag : 0)
  const truth = { method, crc: crc32(content), size: content.length, compressedSize: data.length }
  return { claims: { ...truth, ...entry, flags }, data }
}

const common = (claims: Claims): Buffer[] => [
  uint(claims.flags, 2),
  uint(claims.method, 2),
  uint(0, 4),
  uint(claims.crc, 4),
  uint(claims.compressedSize, 4),
  uint(claims.size, 4),
  uint(bytesOf(claims.name).length, 2),
]

/** The header before the content, and the content. */
export const localRecord = (entry: ZipEntry): Buffer => {
  const { claims, data } = pack(entry)
  const later = entry.descriptor === true ? { crc: 0, size: 0, compressedSize: 0 } : {}
  const wide = entry.zip64 === true ? { size: full, compressedSize: full } : {}
  const said: Claims = { ...claims, ...later, ...wide, ...entry.local }
  const extra =
    entry.zip64 === true
      ? Buffer.concat([uint(1, 2), uint(16, 2), uint(claims.size, 8), uint(claims.compressedSize, 8)])
      : Buffer.alloc(0)
  const descriptor = [
    uint(0x08074b50, 4),
    uint(claims.crc, 4),
    uint(claims.compressedSize, 4),
    uint(claims.size, 4),
  ]
  return Buffer.concat([
    uint(0x04034b50, 4),
    uint(20, 2),
    ...common(said),
    uint(extra.length, 2),
    bytesOf(said.name),
    extra,
    data,
    ...(entry.descriptor === true ? descriptor : []),
  ])
}

const listRecord = (entry: ZipEntry, offset: number): Buffer => {
  const { claims } = pack(entry)
  const wide = entry.zip64 === true
  const extra = wide
    ? Buffer.concat([
        uint(1, 2),
        uint(24, 2),
        uint(claims.size, 8),
        uint(claims.compressedSize, 8),
        uint(offset, 8),
      ])
    : (entry.extra ?? Buffer.alloc(0))
  return Buffer.concat([
    uint(0x02014b50, 4),
    uint(entry.mode === undefined ? 20 : 0x0314, 2),
    uint(20, 2),
    ...common(wide ? { ...claims, size: full, compressedSize: full } : claims),
    uint(extra.length, 2),
    uint(0, 2),
    uint(0, 2),
    uint(0, 2),
    uint((entry.mode ?? 0) * 0x10000, 4),
    uint(wide ? full : offset, 4),
    bytesOf(entry.name),
    extra,
  ])
}

const zip64End = (count: number, size: number, start: number): Buffer =>
  Buffer.concat([
    uint(0x06064b50, 4),
    uint(44, 8),
    uint(45, 2),
    uint(45, 2),
    uint(0, 4),
    uint(0, 4),
    uint(count, 8),
    uint(count, 8),
    uint(size, 8),
    uint(start, 8),
    uint(0x07064b50, 4),
    uint(0, 4),
    uint(start + size, 8),
    uint(1, 4),
  ])

/** A zip, honest or not. */
export const makeZip = (entries: readonly ZipEntry[], options: ZipOptions = {}): Buffer => {
  const parts: Buffer[] = [options.before ?? Buffer.alloc(0)]
  const list: Buffer[] = []
  let offset = parts[0]?.length ?? 0
  for (const entry of entries) {
    list.push(listRecord(entry, entry.at ?? offset))
    if (entry.at !== undefined) continue
    const record = localRecord(entry)
    parts.push(record)
    offset += record.length
  }
  const listed = Buffer.concat(list)
  const count = options.count ?? entries.length
  const start = options.listStart ?? offset
  const comment = options.comment ?? Buffer.alloc(0)
  const wide = options.zip64 === true
  return Buffer.concat([
    ...parts,
    listed,
    ...(wide ? [zip64End(count, listed.length, start)] : []),
    uint(0x06054b50, 4),
    uint(options.disk ?? 0, 2),
    uint(0, 2),
    uint(wide ? 0xffff : count, 2),
    uint(wide ? 0xffff : count, 2),
    uint(wide ? full : listed.length, 4),
    uint(wide ? full : start, 4),
    uint(comment.length, 2),
    comment,
    options.after ?? Buffer.alloc(0),
  ])
}

/** The extra field in which Info-ZIP keeps a name in UTF-8. */
export const unicodePath = (name: string, utf8: Buffer): Buffer => {
  const data = Buffer.concat([Buffer.from([1]), uint(crc32(Buffer.from(name)), 4), utf8])
  return Buffer.concat([uint(0x7075, 2), uint(data.length, 2), data])
}
