import { parseEntryName } from './entry-path.js'
import { badArchive, shown } from './problem.js'
import type { RawEntry } from './zip-file.js'

/** An entry whose description makes sense. */
export interface ArchiveEntry {
  readonly kind: 'file' | 'folder' | 'symlink'
  /** From the top folder down; empty for the top folder itself. */
  readonly parts: readonly string[]
  /** Permissions. */
  readonly mode: number
  readonly raw: RawEntry
}

const typeBits = 0o170000
const kinds: Readonly<Record<number, ArchiveEntry['kind']>> = {
  0o100000: 'file',
  0o040000: 'folder',
  0o120000: 'symlink',
}
const encryptionFlags = 0x1 | 0x40 | 0x2000
const stored = 0
const deflated = 8
/** Longer ones Linux does not follow. */
const maxLinkBytes = 4095

const kindOf = (raw: RawEntry, folder: boolean): ArchiveEntry['kind'] => {
  const type = raw.mode & typeBits
  const named = folder ? 'folder' : 'file'
  const kind = type === 0 ? named : kinds[type]
  if (kind === undefined) throw badArchive(`${shown(raw.name)} is a device, a pipe or a socket`)
  if (folder !== (kind === 'folder')) throw badArchive(`${shown(raw.name)} is a folder and none at once`)
  return kind
}

/** Set-user-id and the like are dropped. Where no mode is known it is what a web server can read. */
const permissionsOf = (raw: RawEntry, kind: ArchiveEntry['kind']): number => {
  const permissions = raw.mode & 0o777
  if (permissions !== 0) return permissions
  return kind === 'folder' ? 0o755 : 0o644
}

const checkSizes = (raw: RawEntry, kind: ArchiveEntry['kind']): void => {
  if (kind === 'folder' && raw.size > 0) throw badArchive(`the folder ${shown(raw.name)} has content`)
  if (kind === 'symlink' && (raw.size === 0 || raw.size > maxLinkBytes))
    throw badArchive(`the link ${shown(raw.name)} leads nowhere`)
  if (raw.method === stored && raw.size !== raw.compressedSize)
    throw badArchive(`the size of ${shown(raw.name)} is not what it says`)
}

/** @throws bad_archive */
export const parseEntry = (raw: RawEntry): ArchiveEntry => {
  const { parts, folder } = parseEntryName(raw.name)
  if ((raw.flags & encryptionFlags) !== 0) throw badArchive(`${shown(raw.name)} is encrypted`)
  if (raw.method !== stored && raw.method !== deflated)
    throw badArchive(`${shown(raw.name)} is packed in a way that is not known (${raw.method})`)
  const kind = kindOf(raw, folder)
  checkSizes(raw, kind)
  return { kind, parts, mode: permissionsOf(raw, kind), raw }
}

/** Content that is used for two entries is how a small archive unpacks to a huge one. @throws bad_archive */
export const checkOverlaps = (entries: readonly RawEntry[], listStart: number): void => {
  let end = 0
  for (const raw of [...entries].sort((a, b) => a.headerStart - b.headerStart)) {
    if (raw.headerStart < end) throw badArchive(`${shown(raw.name)} shares its place with another entry`)
    end = raw.dataStart + raw.compressedSize
  }
  if (end > listStart) throw badArchive('an entry reaches into the list of entries')
}
