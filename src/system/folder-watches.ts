import { watch, type FSWatcher } from 'node:fs'
import path from 'node:path'

/** A folder, and which one it is: another may have taken its place. */
export interface WatchedFolder {
  /** Absolute. */
  readonly path: string
  readonly identity: string
}

const keyOf = ({ path: at, identity }: WatchedFolder): string => `${identity} ${at}`

/**
 * Tells that something changed in any of a set of folders: one watch of the kernel's each, however many files are in them.
 * What changed it does not say: between the kernel's news and a look at them names may mean something else.
 */
export class FolderWatches {
  private readonly watches = new Map<string, FSWatcher>()

  /** @param touched must not throw */
  constructor(private readonly touched: () => void) {}

  /**
   * Watches these and no others. A folder that is gone meanwhile is left out: the one above it told that.
   * @returns whether there is one that was not watched before: what changed in it until now was not told
   * @throws when the kernel has no watch left
   */
  follow(folders: readonly WatchedFolder[]): boolean {
    const wanted = new Map(folders.map((folder) => [keyOf(folder), folder]))
    for (const [key, old] of this.watches) if (!wanted.has(key)) this.end(key, old)
    let isNew = false
    for (const [key, folder] of wanted) {
      if (this.watches.has(key)) continue
      const added = this.begin(folder)
      if (added !== null) this.watches.set(key, added)
      isNew ||= added !== null
    }
    return isNew
  }

  close(): void {
    for (const [key, old] of this.watches) this.end(key, old)
  }

  private begin({ path: at }: WatchedFolder): FSWatcher | null {
    try {
      const added = watch(path.resolve(at), () => this.touched())
      added.on('error', () => this.touched())
      return added
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw thrown
    }
  }

  private end(key: string, old: FSWatcher): void {
    this.watches.delete(key)
    old.close()
  }
}
