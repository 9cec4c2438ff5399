import { closeSync, openSync, readSync } from 'node:fs'

/** One file of the kernel's, kept open: reading it anew is a system call or two. */
export interface KernelFile {
  /** null when there is no such file, or the device behind it does not answer. */
  read(): string | null
  close(): void
}

/**
 * Small files that the kernel makes up when they are read (/proc, /sys). No disk is waited for, so they are read at once:
 * what is looked at every second must not cost a promise and a thread each.
 */
export interface KernelFiles {
  open(file: string): KernelFile
}

/** What is read of one; the rest is left out. */
const longest = 32 * 1024
const buffer = Buffer.alloc(longest)

/** The kernel gives what it has in pieces of a page, less a line: one that is much shorter is the last. */
const fullPiece = 2048

const readAll = (handle: number): string => {
  let filled = 0
  for (let read = fullPiece; read >= fullPiece && filled < longest; filled += read)
    read = readSync(handle, buffer, filled, longest - filled, filled)
  return buffer.toString('latin1', 0, filled)
}

class OpenFile implements KernelFile {
  private handle: number | null = null

  constructor(private readonly file: string) {}

  read(): string | null {
    try {
      this.handle ??= openSync(this.file, 'r')
      return readAll(this.handle)
    } catch {
      this.close()
      return null
    }
  }

  close(): void {
    if (this.handle !== null) closeSync(this.handle)
    this.handle = null
  }
}

export const kernelFiles: KernelFiles = { open: (file) => new OpenFile(file) }
