import path from 'node:path'
import { followSymlinks, isWithin } from '../config/paths.js'
import type { Files } from '../system/files.js'

/** What lies under a name. */
export type TreeFile =
  | { readonly text: string }
  /** Links that lead out of the application's folder are not followed. */
  | { readonly problem: 'absent' | 'outside' | 'too_large' }

/** The files of one version of an application, wherever they are. */
export interface SourceTree {
  /** @param file relative to the application's folder, without `..` */
  read(file: string): Promise<TreeFile>
}

/** Bytes. A lock file of a large front end has some megabytes; nobody writes more by hand. */
export const largestFile = 32 * 1024 * 1024

/** An application's folder as it is on the disk. */
export const folderTree = (folder: string, files: Pick<Files, 'stat' | 'readText'>): SourceTree => ({
  async read(file) {
    const root = await followSymlinks(folder)
    const target = await followSymlinks(path.join(root, file))
    if (!isWithin(target, root)) return { problem: 'outside' }
    const found = await files.stat(target)
    if (found?.isFile() !== true) return { problem: 'absent' }
    if (found.size > largestFile) return { problem: 'too_large' }
    const text = await files.readText(target)
    return text === null ? { problem: 'absent' } : { text }
  },
})
