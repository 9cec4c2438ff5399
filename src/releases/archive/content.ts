import { pipeline, Readable } from 'node:stream'
import { crc32, createInflateRaw, inflateRawSync, type InflateRaw } from 'node:zlib'
import { chunkDone } from '../../system/garbage.js'
import type { OpenFile } from '../../system/open-file.js'
import { badArchive, shown } from './problem.js'
import type { RawEntry } from './zip-file.js'

const outputSize = 64 * 1024
const smallSize = 64 * 1024

/** Unpacked in one go: that takes less time than to hand it over to a thread. */
export const isSmall = (raw: RawEntry): boolean => raw.size <= smallSize && raw.compressedSize <= smallSize

const wrongSize = (raw: RawEntry): Error => badArchive(`the size of ${shown(raw.name)} is not what it says`)

/** What zlib says against the content; anything else is not the archive's fault. */
const asDamage = (thrown: unknown, raw: RawEntry): unknown => {
  const { code = '' } = thrown as NodeJS.ErrnoException
  if (code === 'ERR_BUFFER_TOO_LARGE') return badArchive(`${shown(raw.name)} is larger than it says`, thrown)
  return code.startsWith('Z_') ? badArchive(`the content of ${shown(raw.name)} is damaged`, thrown) : thrown
}

async function* packedOf(file: OpenFile, raw: RawEntry): AsyncGenerator<Buffer, void, undefined> {
  yield* file.chunks(raw.dataStart, raw.dataStart + raw.compressedSize)
}

async function* inflatedAtOnce(file: OpenFile, raw: RawEntry): AsyncGenerator<Buffer, void, undefined> {
  const packed = Buffer.alloc(raw.compressedSize)
  await file.read(packed, raw.dataStart)
  const options = { info: true, maxOutputLength: Math.max(raw.size, 1), chunkSize: Math.max(raw.size, 64) }
  let result: { readonly buffer: Buffer; readonly engine: InflateRaw }
  try {
    // With `info` it gives more than its types say.
    result = inflateRawSync(packed, options) as unknown as typeof result
  } catch (thrown) {
    throw asDamage(thrown, raw)
  }
  if (result.engine.bytesWritten !== raw.compressedSize) throw wrongSize(raw)
  yield result.buffer
}

async function* inflated(file: OpenFile, raw: RawEntry): AsyncGenerator<Buffer, void, undefined> {
  const inflate = createInflateRaw({ chunkSize: outputSize })
  // What fails on either side ends the other; the loop below learns of it.
  pipeline(Readable.from(packedOf(file, raw)), inflate, () => undefined)
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      yield chunk
      chunkDone(chunk.length)
    }
  } catch (thrown) {
    throw asDamage(thrown, raw)
  }
  if (inflate.bytesWritten !== raw.compressedSize) throw wrongSize(raw)
}

const unpackedOf = (file: OpenFile, raw: RawEntry): AsyncGenerator<Buffer, void, undefined> => {
  if (raw.method === 0) return packedOf(file, raw)
  return isSmall(raw) ? inflatedAtOnce(file, raw) : inflated(file, raw)
}

/**
 * What an entry holds, piece by piece. When it ends it was all of it, and undamaged.
 * @throws bad_archive, what the file system refuses, the signal's reason
 */
export async function* contentOf(
  file: OpenFile,
  raw: RawEntry,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  let size = 0
  let checksum = 0
  for await (const piece of unpackedOf(file, raw)) {
    signal?.throwIfAborted()
    size += piece.length
    if (size > raw.size) throw badArchive(`${shown(raw.name)} is larger than it says`)
    checksum = crc32(piece, checksum)
    yield piece
  }
  if (size !== raw.size) throw badArchive(`${shown(raw.name)} is smaller than it says`)
  if (checksum !== raw.crc32)
    throw badArchive(`the content of ${shown(raw.name)} is damaged (its checksum is wrong)`)
}

/** All of a small entry. */
export const wholeContentOf = async (
  file: OpenFile,
  raw: RawEntry,
  signal?: AbortSignal,
): Promise<Buffer> => {
  const pieces: Buffer[] = []
  for await (const piece of contentOf(file, raw, signal)) pieces.push(piece)
  return Buffer.concat(pieces)
}
