import * as fs from 'node:fs/promises'
import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import { naming, syncPath, writeFully } from './files.js'

/** A folder that is being made with all that is in it. Paths are relative to it; their parents are made before. */
export interface NewTree {
  makeFolder(relative: string, mode: number): Promise<void>
  /** Several at once are faster: the file system does their fsyncs in one go. */
  writeFile(relative: string, mode: number, content: AsyncIterable<Buffer>): Promise<void>
  makeSymlink(relative: string, target: string): Promise<void>
  /** Resolves when all of it is on the disk. Nothing is written meanwhile. */
  finish(): Promise<void>
  /** Removes it. */
  discard(): Promise<void>
}

const rootMode = 0o755
/** Nobody else comes in as long as it is not finished. */
const unfinishedMode = 0o700

class Tree implements NewTree {
  private readonly folders: { readonly at: string; readonly mode: number }[]

  constructor(private readonly root: string) {
    this.folders = [{ at: root, mode: rootMode }]
  }

  async makeFolder(relative: string, mode: number): Promise<void> {
    const at = path.join(this.root, relative)
    await fs.mkdir(at, unfinishedMode)
    this.folders.push({ at, mode: mode | unfinishedMode })
  }

  async writeFile(relative: string, mode: number, content: AsyncIterable<Buffer>): Promise<void> {
    const at = path.join(this.root, relative)
    const handle = await fs.open(at, 'wx', 0o600)
    try {
      let position = 0
      for await (const chunk of content) {
        await naming(at, writeFully(handle, chunk, position))
        position += chunk.length
      }
      await naming(at, handle.chmod(mode))
      await naming(at, handle.sync())
    } finally {
      await handle.close()
    }
  }

  async makeSymlink(relative: string, target: string): Promise<void> {
    await fs.symlink(target, path.join(this.root, relative))
  }

  async finish(): Promise<void> {
    // From the bottom up, so that a folder is whole when it is open to all.
    for (const { at, mode } of [...this.folders].reverse()) {
      await fs.chmod(at, mode)
      await syncPath(at)
    }
    await syncPath(path.dirname(this.root))
  }

  async discard(): Promise<void> {
    await fs.rm(this.root, { recursive: true, force: true, maxRetries: 2 })
    await syncPath(path.dirname(this.root))
  }
}

/**
 * Begins a folder where there is nothing yet.
 * @throws refused when something is there; what the file system refuses
 */
export const createTree = async (folder: string): Promise<NewTree> => {
  try {
    await fs.mkdir(folder, unfinishedMode)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
    throw new MoonkeeperError(
      'refused',
      `${folder} is there already, and is left alone. Move it away.`,
      thrown,
    )
  }
  return new Tree(folder)
}
