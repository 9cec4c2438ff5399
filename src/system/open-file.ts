import { open, type FileHandle } from 'node:fs/promises'
import { MoonkeeperError } from '../contract/error.js'
import { naming } from './files.js'
import { chunkDone } from './garbage.js'

/** A file that is read in pieces: its size does not matter for the memory. */
export interface OpenFile {
  readonly path: string
  /** Bytes, when it was opened. */
  readonly size: number
  /** Fills the buffer from this position on. @returns how many bytes there were, less only at the end of the file */
  read(buffer: Buffer, position: number): Promise<number>
  /** From start to end (not included), in pieces of at most 64 KiB. */
  chunks(start: number, end: number): AsyncGenerator<Buffer, void, undefined>
  close(): Promise<void>
}

const chunkSize = 64 * 1024

const readFully = async (handle: FileHandle, buffer: Buffer, position: number): Promise<number> => {
  let filled = 0
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

/** @throws command_failed when it is no file; what the file system refuses */
export const openFile = async (path: string): Promise<OpenFile> => {
  const handle = await open(path)
  const stats = await handle.stat()
  if (!stats.isFile()) {
    await handle.close()
    throw new MoonkeeperError('command_failed', `${path} is no file. Look at: ls -ld ${path}`)
  }
  const read = (buffer: Buffer, position: number): Promise<number> =>
    naming(path, readFully(handle, buffer, position))
  return {
    path,
    size: stats.size,
    read,
    async *chunks(start, end) {
      for (let position = start; position < end;) {
        const buffer = Buffer.allocUnsafeSlow(Math.min(chunkSize, end - position))
        const bytes = await read(buffer, position)
        if (bytes === 0) return
        position += bytes
        yield buffer.subarray(0, bytes)
        chunkDone(bytes)
      }
    },
    close: () => handle.close(),
  }
}
