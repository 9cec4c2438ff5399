import path from 'node:path'
import type { StagedRelease } from '../../contract/generated/types.js'
import { StagedRelease as validate } from '../../contract/generated/validators.js'
import { parseAs } from '../../contract/parse-as.js'
import type { Place } from './place.js'
import type { KnownRelease } from './state.js'

export type { StagedRelease }

/** What was unpacked lies here, until it takes the application's place. */
export const stagedFolder = ({ hold }: Place): string => path.join(hold, 'staged')

/** Says what lies there. Written last and removed first: without it what lies there is worth nothing. */
const noteFile = ({ hold }: Place): string => path.join(hold, 'staged.json')

/** What is staged, and not in use by now; null when there is nothing. */
export const readStaged = async (place: Place): Promise<StagedRelease | null> => {
  const { files, signingKeys } = place.outside
  const note = parseAs<StagedRelease>(await files.readText(noteFile(place)), validate)
  if (note === null || JSON.stringify(note.keys) !== JSON.stringify(signingKeys)) return null
  return (await files.stat(stagedFolder(place)))?.ino === note.inode ? note : null
}

const sameAsset = (one: KnownRelease['asset'], other: KnownRelease['asset']): boolean =>
  one === null ||
  other === null ||
  (one.url === other.url && one.sha256 === other.sha256 && one.size === other.size)

/** What was staged for the release already; null when there is nothing of the kind. */
export const stagedFor = async (place: Place, release: KnownRelease): Promise<StagedRelease | null> => {
  const staged = await readStaged(place)
  if (staged?.release.tag !== release.tag || staged.release.repo !== release.repo) return null
  return sameAsset(staged.release.asset, release.asset) ? staged : null
}

/** @param version as what was unpacked says */
export const noteStaged = async (
  place: Place,
  release: KnownRelease,
  version: string | null,
): Promise<StagedRelease> => {
  const { files, signingKeys } = place.outside
  const inode = (await files.stat(stagedFolder(place)))?.ino ?? 0
  const note = { release, version, keys: [...signingKeys], inode }
  await files.writeText(noteFile(place), `${JSON.stringify(note)}\n`)
  return note
}

export const dropNote = (place: Place): Promise<void> => place.outside.files.remove(noteFile(place))

export const dropStaged = async (place: Place): Promise<void> => {
  await dropNote(place)
  await place.outside.files.remove(stagedFolder(place))
}

/** A hold folder that holds nothing goes. */
export const tidyHold = ({ hold, options, outside }: Place): Promise<void> =>
  outside.files.removeEmptyFolders(hold, path.dirname(options.path))
