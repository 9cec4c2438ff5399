import { createHash } from 'node:crypto'
import * as fs from 'node:fs/promises'
import path from 'node:path'
import { naming, writeFully } from './files.js'

/** A file that is being made, under a name that nobody knows. */
export interface StagedFile {
  readonly path: string
  write(bytes: Buffer): Promise<void>
  /** All of it is on the disk when this resolves. @returns its SHA-256 in hexadecimal digits */
  finish(): Promise<string>
  /** Closes it; it is gone when it has no other name by now. */
  discard(): Promise<void>
}

/** Where files are made. One process uses a folder. */
export interface Staging {
  /** Makes the folder, without what an earlier life left there. */
  clear(): Promise<void>
  create(): Promise<StagedFile>
  /** A path there that is free, for a folder that is being made or removed. */
  reserve(): string
  /** Removes whatever is at such a path. Symlinks in it are removed, not followed. */
  remove(target: string): Promise<void>
}

/** @param folder on the file system where the files will be, so that they get there by a rename */
export const createStaging = (folder: string): Staging => {
  let made = 0
  const next = (): string => {
    made += 1
    return path.join(folder, String(made))
  }
  return {
    reserve: next,
    remove: (target) => fs.rm(target, { recursive: true, force: true, maxRetries: 2 }),
    clear: async () => {
      await fs.rm(folder, { recursive: true, force: true })
      await fs.mkdir(folder, { recursive: true, mode: 0o700 })
    },
    create: async () => {
      const file = next()
      const handle = await fs.open(file, 'wx', 0o644)
      const hash = createHash('sha256')
      let size = 0
      return {
        path: file,
        write: async (bytes) => {
          hash.update(bytes)
          await naming(file, writeFully(handle, bytes, size))
          size += bytes.length
        },
        finish: async () => {
          await naming(file, handle.sync())
          return hash.digest('hex')
        },
        discard: async () => {
          await handle.close()
          await fs.rm(file, { force: true })
        },
      }
    },
  }
}
