import path from 'node:path'
import type { Files } from '../../system/files.js'
import type { Git } from './git.js'

/** One side of a changed path; mode 000000: absent. */
export interface Side {
  readonly mode: string
  readonly id: string
}

export const absentMode = '000000'

/** What stands at a path: a file or symlink with its git object id, nothing, or something else. */
export type Found =
  | { readonly kind: 'absent' | 'folder' | 'other' }
  /** A parent is no folder: a file or a symlink, which may lead out of the checkout. Nothing below it is git's. */
  | { readonly kind: 'behind'; readonly parent: string }
  | { readonly kind: 'file'; readonly id: string; readonly mode: string }

/** The first parent of a path that is no real folder; null when all are, or are absent. */
const blockedBy = async (
  git: Git,
  files: Files,
  name: string,
  known: Map<string, Promise<boolean>>,
): Promise<string | null> => {
  const parts = name.split('/')
  for (let length = 1; length < parts.length; length += 1) {
    const parent = parts.slice(0, length).join('/')
    const plain = known.get(parent) ?? isFolderOrAbsent(files, git.path(parent))
    known.set(parent, plain)
    if (!(await plain)) return parent
  }
  return null
}

const isFolderOrAbsent = async (files: Files, target: string): Promise<boolean> => {
  const stat = await files.stat(target)
  return stat === null || stat.isDirectory()
}

/** Object ids of the files at these paths, as git would store them (with its filters). */
const hashPaths = async (git: Git, paths: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const named = paths.filter((name) => !name.includes('\n'))
  if (named.length === 0) return new Map()
  const input = named.map((name) => `${name}\n`).join('')
  const text = await git.read(['hash-object', '--stdin-paths'], { input, timeout: 600_000 })
  const ids = text.split('\n')
  return new Map(named.map((name, index) => [name, ids[index] ?? '']))
}

const hashLink = async (git: Git, files: Files, name: string): Promise<string> => {
  const target = (await files.readContent(git.path(name))) ?? Buffer.alloc(0)
  return git.read(['hash-object', '--stdin'], { input: target })
}

const isFolder = { kind: 'folder' } as const

/** What is to be hashed before it is told. */
type Unhashed = { readonly kind: 'plain'; readonly mode: string } | { readonly kind: 'link' }

/** Looks at one path without following any symlink. */
const findOne = async (
  git: Git,
  files: Files,
  name: string,
  known: Map<string, Promise<boolean>>,
): Promise<Found | Unhashed> => {
  const parent = await blockedBy(git, files, name, known)
  if (parent !== null) return { kind: 'behind', parent }
  const stat = await files.stat(git.path(name))
  if (stat === null) return { kind: 'absent' }
  if (stat.isDirectory()) return isFolder
  if (stat.isSymbolicLink()) return { kind: 'link' }
  if (!stat.isFile()) return { kind: 'other' }
  return { kind: 'plain', mode: (stat.mode & 0o100) === 0 ? '100644' : '100755' }
}

/** Looks at every path once. */
export const findAll = async (
  git: Git,
  files: Files,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Found>> => {
  const known = new Map<string, Promise<boolean>>()
  const found = new Map<string, Found>()
  const plain = new Map<string, string>()
  const all = await Promise.all(
    paths.map(async (name) => [name, await findOne(git, files, name, known)] as const),
  )
  for (const [name, one] of all) {
    if (one.kind === 'plain') plain.set(name, one.mode)
    // One after the other: each is a command.
    else if (one.kind === 'link')
      found.set(name, { kind: 'file', id: await hashLink(git, files, name), mode: '120000' })
    else found.set(name, one)
  }
  const ids = await hashPaths(git, [...plain.keys()])
  for (const [name, mode] of plain) found.set(name, { kind: 'file', id: ids.get(name) ?? '', mode })
  return found
}

export const isSide = (found: Found, side: Side): boolean =>
  found.kind === 'file' && found.id === side.id && found.mode === side.mode

/** Every file and symlink below a folder, relative to the checkout. */
export const filesBelow = async (git: Git, files: Files, folder: string): Promise<readonly string[]> => {
  const names: string[] = []
  for (const entry of await files.list(git.path(folder))) {
    const name = path.posix.join(folder, entry.name)
    if (entry.kind === 'directory') names.push(...(await filesBelow(git, files, name)))
    else names.push(name)
  }
  return names
}
