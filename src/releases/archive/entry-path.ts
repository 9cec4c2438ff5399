import { badArchive, shown } from './problem.js'

const maxNameBytes = 255
const maxPathBytes = 2048
const maxDepth = 64

/** Where an entry goes, from the top folder down. Empty: the top folder itself. */
export interface EntryPath {
  readonly parts: readonly string[]
  /** The name says that it is a folder. */
  readonly folder: boolean
}

/** Any of these, and the name is not understood as it was meant, or by everybody. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'an entry without a name'],
  [/[\u0000-\u001f\u007f]/, 'a name with control characters'],
  [/\\/, 'a name with a backslash'],
  [/^\//, 'an absolute path'],
  [/^[A-Za-z]:/, 'a path with a drive letter'],
  [/(?:^|\/)\.\.(?:\/|$)/, 'a path that leads out of the folder'],
]

const isTooLong = (name: string, parts: readonly string[]): boolean =>
  parts.length > maxDepth ||
  Buffer.byteLength(name) > maxPathBytes ||
  parts.some((part) => Buffer.byteLength(part) > maxNameBytes)

/** @throws bad_archive */
export const parseEntryName = (name: string): EntryPath => {
  for (const [pattern, what] of refusals)
    if (pattern.test(name)) throw badArchive(`there is ${what} in it (${shown(name)})`)
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (isTooLong(name, parts)) throw badArchive(`a name or path in it is too long (${shown(name)})`)
  return { parts, folder: name.endsWith('/') || parts.length === 0 }
}
