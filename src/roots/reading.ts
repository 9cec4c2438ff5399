import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import { chunkDone } from '../system/garbage.js'
import { openPinned, whilePinned, type OpenPinned, type Pinned } from '../system/pinned.js'
import type { Gate } from './gate.js'
import type { Place } from './request-path.js'

/** A file that is open for a client. Whoever has it closes it. */
export interface ReadableFile {
  readonly name: string
  /** Bytes, when it was opened. */
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modified: number
  /** Changes when the content does. */
  readonly version: string
  /** From start to end (not included), in pieces of at most 64 KiB; less when it became shorter. */
  chunks(start: number, end: number): AsyncGenerator<Buffer, void, undefined>
  close(): Promise<void>
}

const chunkSize = 64 * 1024

export async function* chunksOf(
  opened: OpenPinned,
  start: number,
  end: number,
): AsyncGenerator<Buffer, void, undefined> {
  for (let at = start; at < end;) {
    const buffer = Buffer.allocUnsafeSlow(Math.min(chunkSize, end - at))
    const bytes = await opened.read(buffer, at)
    if (bytes === 0) return
    at += bytes
    yield buffer.subarray(0, bytes)
    chunkDone(bytes)
  }
}

const noFile = (name: string): MoonkeeperError => new MoonkeeperError('not_found', `${name} does not exist`)

const readable = (name: string, { stats }: Pinned, opened: OpenPinned): ReadableFile => ({
  name,
  size: stats.size,
  modified: stats.mtimeMs,
  version: `${stats.ino.toString(36)}-${stats.size.toString(36)}-${stats.mtimeMs.toString(36)}`,
  chunks: (start, end) => chunksOf(opened, start, end),
  close: opened.close,
})

const openFile = async (name: string, pinned: Pinned): Promise<ReadableFile> => {
  if (!pinned.stats.isFile()) throw noFile(name)
  return readable(name, pinned, await openPinned(pinned))
}

/** @throws not_found, forbidden */
export const openForReading = async (place: Place, gate: Gate): Promise<ReadableFile> => {
  const name = path.basename(place.path)
  const opened = await whilePinned(place.path, (pinned) => {
    gate.refuseReading(pinned.realPath)
    return openFile(name, pinned)
  })
  if (opened === null) throw noFile(name)
  return opened
}

/**
 * A log, wherever it is written to. Its own name must be no symlink.
 * @returns null when there is no such file
 */
export const openLog = (file: string): Promise<ReadableFile | null> => {
  const open = async (pinned: Pinned): Promise<ReadableFile | null> =>
    pinned.stats.isFile() ? openFile(path.basename(file), pinned) : null
  return whilePinned(file, open, { follow: false })
}
