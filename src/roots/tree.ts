import type { Stats } from 'node:fs'
import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import { inside, namesIn, statsOf, whilePinned, type Pinned } from '../system/pinned.js'
import { isUnfinished, type Gate } from './gate.js'

/** A file or folder as it was seen. */
export interface Entry {
  readonly isFolder: boolean
  /** Which one it is, whatever it is called. */
  readonly identity: string
  /** What changes with the content of a file. */
  readonly content: string
}

/** By path, relative to the root; a folder stands before what is in it. */
export type Tree = ReadonlyMap<string, Entry>

/** What is watched at most: each folder takes one of the kernel's watches, and each change a look at all. */
export const limits = { entries: 10_000, folders: 500, depth: 32 } as const

const entryOf = (stats: Stats): Entry => ({
  isFolder: stats.isDirectory(),
  identity: `${stats.dev}:${stats.ino}`,
  content: stats.isDirectory() ? '' : `${stats.mtimeMs}:${stats.size}`,
})

class Survey {
  readonly found = new Map<string, Entry>()
  private folders = 0

  constructor(private readonly gate: Gate) {}

  async into(target: string, relative: string, depth: number): Promise<void> {
    await whilePinned(target, (folder) => this.lookInto(folder, relative, depth), { follow: relative === '' })
  }

  private async lookInto(folder: Pinned, relative: string, depth: number): Promise<void> {
    if (!folder.stats.isDirectory() || this.gate.permissions(folder.realPath, false) === '') return
    this.folders += 1
    this.found.set(relative, entryOf(folder.stats))
    for (const name of await namesIn(folder)) {
      if (isUnfinished(name)) continue
      await this.see(folder, name, path.join(relative, name), depth + 1)
    }
  }

  /** A symlink is a file here: what it leads to is watched under its own name, if at all. */
  private async see(folder: Pinned, name: string, relative: string, depth: number): Promise<void> {
    const stats = await statsOf(inside(folder, name))
    if (stats === null || depth > limits.depth) return
    if (this.found.size >= limits.entries || this.folders >= limits.folders)
      throw new MoonkeeperError(
        'too_large',
        `there are more than ${limits.entries} files or ${limits.folders} folders`,
      )
    if (stats.isDirectory()) return this.into(inside(folder, name), relative, depth)
    if (!stats.isFile() && !stats.isSymbolicLink()) return
    if (this.gate.permissions(path.join(folder.realPath, name), false) === '') return
    this.found.set(relative, entryOf(stats))
  }
}

/** All that may be seen in a root, the root itself included; nothing when it is not there. @throws too_large */
export const surveyTree = async (rootPath: string, gate: Gate): Promise<Tree> => {
  const survey = new Survey(gate)
  await survey.into(rootPath, '', 0)
  return survey.found
}

/** What happened between two surveys. */
export type Difference =
  | {
      readonly action: 'create_file' | 'create_dir' | 'modify_file' | 'delete_file' | 'delete_dir'
      readonly path: string
    }
  | { readonly action: 'move_file' | 'move_dir'; readonly path: string; readonly from: string }

const isBelow = (inner: string, folder: string): boolean => inner.startsWith(`${folder}/`)

const isSame = (a: Entry, b: Entry): boolean =>
  a.identity === b.identity && a.isFolder === b.isFolder && a.content === b.content

const withoutRoot = (tree: Tree): [string, Entry][] => [...tree].filter(([name]) => name !== '')

/** Where what is gone from one path came to another. A moved folder takes along what is in it. */
const movesIn = (gone: Map<string, Entry>, come: Map<string, Entry>): Difference[] => {
  const byIdentity = new Map([...gone].map(([name, entry]) => [entry.identity, name]))
  const moves: { action: 'move_file' | 'move_dir'; path: string; from: string }[] = []
  for (const [name, entry] of [...come]) {
    const from = byIdentity.get(entry.identity)
    const old = from === undefined ? undefined : gone.get(from)
    if (from === undefined || old === undefined || !isSame(old, entry)) continue
    gone.delete(from)
    come.delete(name)
    const isTaken = moves.some(
      (move) => isBelow(name, move.path) && from === move.from + name.slice(move.path.length),
    )
    if (!isTaken) moves.push({ action: entry.isFolder ? 'move_dir' : 'move_file', path: name, from })
  }
  return moves
}

/** In an order in which one can follow. compat: what is gone with its folder is not told on its own. */
export const compareTrees = (before: Tree, after: Tree): readonly Difference[] => {
  const isOther = (name: string, entry: Entry, tree: Tree): boolean =>
    tree.get(name)?.isFolder !== entry.isFolder
  const gone = new Map(withoutRoot(before).filter(([name, entry]) => isOther(name, entry, after)))
  const come = new Map(withoutRoot(after).filter(([name, entry]) => isOther(name, entry, before)))
  const moves = movesIn(gone, come)
  const deletions = [...gone].flatMap(([name, { isFolder }]): Difference[] => {
    const isTaken = [...gone].some(([other, entry]) => entry.isFolder && isBelow(name, other))
    return isTaken ? [] : [{ action: isFolder ? 'delete_dir' : 'delete_file', path: name }]
  })
  const creations = [...come].map(([name, { isFolder }]): Difference => ({
    action: isFolder ? 'create_dir' : 'create_file',
    path: name,
  }))
  const modifications = withoutRoot(after).flatMap(([name, entry]): Difference[] => {
    const old = before.get(name)
    const isModified = old !== undefined && !entry.isFolder && !old.isFolder && !isSame(old, entry)
    return isModified ? [{ action: 'modify_file', path: name }] : []
  })
  return [...deletions, ...moves, ...creations, ...modifications]
}
