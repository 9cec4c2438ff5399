import path from 'node:path'
import { watch as chokidar } from 'chokidar'

/** Tells when files change. */
export interface Watch {
  /** After it nothing is called any more. */
  close(): Promise<void>
}

export interface WatchOptions {
  /** Milliseconds without another change before the callback runs: editors write in several steps. */
  readonly quiet?: number
}

/**
 * Watches files, also ones that do not exist yet. The folders are what is watched, so that a file that an editor
 * replaces by renaming another one over it is still seen.
 * @param files absolute
 * @param changed called once after a series of changes; it must not throw
 * @param failed the watch does not work (any more), for instance because the kernel has no inotify watches left
 * @returns when the watch is in place
 */
export const watchFiles = async (
  files: readonly string[],
  changed: () => void,
  failed: (thrown: unknown) => void,
  { quiet = 250 }: WatchOptions = {},
): Promise<Watch> => {
  const wanted = new Set(files.map((file) => path.resolve(file)))
  const folders = new Set([...wanted].map((file) => path.dirname(file)))
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const watcher = chokidar([...folders], {
    depth: 0,
    ignoreInitial: true,
    ignored: (target) => !wanted.has(path.resolve(target)) && !folders.has(path.resolve(target)),
  })
  watcher.on('all', (_event, target) => {
    if (closed || !wanted.has(path.resolve(target))) return
    clearTimeout(timer)
    timer = setTimeout(changed, quiet)
  })
  watcher.on('error', failed)
  await new Promise<void>((resolve) => watcher.once('ready', resolve))
  return {
    close: async () => {
      closed = true
      clearTimeout(timer)
      await watcher.close()
    },
  }
}
