import type { Stats } from 'node:fs'
import { statsOf, whilePinned, type Pinned } from '../system/pinned.js'
import type { Gate, Permissions } from './gate.js'

/** What is told of a file or folder. */
export interface FileInfo {
  /** Seconds since the epoch, with fractions. */
  readonly modified: number
  /** Bytes. */
  readonly size: number
  readonly permissions: Permissions
}

/** A file or folder, and what its path leads to. */
export interface Found {
  readonly info: FileInfo
  /** Of what a symlink leads to, where that may be known. */
  readonly stats: Stats
  /** Null where nobody may look. */
  readonly realPath: string | null
}

const infoOf = (stats: Stats, permissions: Permissions): FileInfo => ({
  modified: stats.mtimeMs / 1000,
  size: stats.size,
  permissions,
})

/** What is gone by now. */
export const noInfo: FileInfo = { modified: 0, size: 0, permissions: '' }

/** Of a folder, what its path leads to; of a symlink out of where one may look, only the link itself is told. */
const lookAt = async (target: string, own: Stats, gate: Gate): Promise<Found | null> =>
  whilePinned(target, async ({ realPath, stats }: Pinned) => {
    const isLink = own.isSymbolicLink() && stats.isFile()
    const permissions = gate.permissions(realPath, isLink)
    if (permissions === '') return { info: infoOf(own, ''), stats: own, realPath: null }
    return { info: infoOf(stats, permissions), stats, realPath }
  })

/**
 * @param target any path; one through a pinned folder cannot be led elsewhere
 * @returns null when there is nothing, or a symlink leads nowhere
 */
export const find = async (target: string, gate: Gate): Promise<Found | null> => {
  const own = await statsOf(target)
  return own === null ? null : lookAt(target, own, gate)
}
