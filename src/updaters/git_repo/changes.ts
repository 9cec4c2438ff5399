import path from 'node:path'
import type { Files } from '../../system/files.js'
import { limits, type Git } from './git.js'

/** One side of a changed path; mode 000000: absent. */
export interface Side {
  readonly mode: string
  readonly id: string
}

/** A path that differs between two commits. */
export interface Change {
  readonly path: string
  readonly from: Side
  readonly to: Side
}

export const absentMode = '000000'
const submoduleMode = '160000'

/** What differs between two commits. Submodules are left alone everywhere. @throws GitError */
export const readChanges = async (git: Git, from: string, to: string): Promise<readonly Change[]> => {
  const parts = await git.readList(['diff-tree', '-r', '-z', '--raw', '--no-renames', from, to, '--'])
  const changes: Change[] = []
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [fromMode = '', toMode = '', fromId = '', toId = ''] = (parts[i] ?? '').slice(1).split(' ')
    if (fromMode === submoduleMode || toMode === submoduleMode) continue
    changes.push({
      path: parts[i + 1] ?? '',
      from: { mode: fromMode, id: fromId },
      to: { mode: toMode, id: toId },
    })
  }
  return changes
}

/** What stands at a path: its git object id; `absent`; or `other` for what is neither file nor symlink. */
type Found =
  | { readonly kind: 'absent' | 'other' }
  | { readonly kind: 'file'; readonly id: string; readonly mode: string }

/** Object ids of the files at these paths, as git would store them (with its filters). */
const hashPaths = async (git: Git, paths: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const named = paths.filter((name) => !name.includes('\n'))
  if (named.length === 0) return new Map()
  const text = await git.read(['hash-object', '--stdin-paths'], {
    input: named.map((name) => `${name}\n`).join(''),
  })
  const ids = text.split('\n')
  return new Map(named.map((name, index) => [name, ids[index] ?? '']))
}

const hashLink = async (git: Git, content: Buffer): Promise<string> =>
  git.read(['hash-object', '--stdin'], { input: content })

/** Looks at every path once. */
const findAll = async (
  git: Git,
  files: Files,
  paths: readonly string[],
): Promise<ReadonlyMap<string, Found>> => {
  const found = new Map<string, Found>()
  const plain: { name: string; mode: string }[] = []
  for (const name of paths) {
    const stat = await files.stat(git.path(name))
    if (stat === null) found.set(name, { kind: 'absent' })
    else if (stat.isFile()) plain.push({ name, mode: (stat.mode & 0o100) === 0 ? '100644' : '100755' })
    else if (stat.isSymbolicLink()) {
      const id = await hashLink(git, (await files.readContent(git.path(name))) ?? Buffer.alloc(0))
      found.set(name, { kind: 'file', id, mode: '120000' })
    } else found.set(name, { kind: 'other' })
  }
  const ids = await hashPaths(
    git,
    plain.map(({ name }) => name),
  )
  for (const { name, mode } of plain) found.set(name, { kind: 'file', id: ids.get(name) ?? '', mode })
  return found
}

const isSide = (found: Found, side: Side): boolean =>
  found.kind === 'file' && found.id === side.id && found.mode === side.mode

/** True when a file is the beginning of what git was writing there when it was killed. */
const isHalfWritten = async (git: Git, files: Files, change: Change): Promise<boolean> => {
  const content = await files.readContent(git.path(change.path))
  if (content === null) return false
  for (const side of [change.from, change.to]) {
    if (side.mode === absentMode) continue
    const blob = await git.run(['cat-file', 'blob', side.id], { maxOutput: 1024 ** 3, timeout: limits.read })
    if (content.length <= blob.stdout.length && blob.stdout.subarray(0, content.length).equals(content))
      return true
  }
  return false
}

interface Work {
  readonly remove: string[]
  readonly write: string[]
}

/** True for what git (or an earlier undo) wrote or half wrote, and for nothing at all; false for the user's own. */
const isGits = async (git: Git, files: Files, change: Change, here: Found): Promise<boolean> => {
  if (here.kind === 'absent' || isSide(here, change.from) || isSide(here, change.to)) return true
  return here.kind === 'file' && isHalfWritten(git, files, change)
}

/**
 * What has to be done so that these paths are as `wanted` says. Recognised by content: what is git's is brought back;
 * anything else is the user's and stays as it is.
 */
const sortOut = async (
  git: Git,
  files: Files,
  changes: readonly Change[],
  wanted: 'from' | 'to',
): Promise<Work> => {
  const work: Work = { remove: [], write: [] }
  const names = changes.map((change) => change.path)
  const found = await findAll(git, files, names)
  for (const change of changes) {
    const here = found.get(change.path) ?? { kind: 'other' }
    if (isSide(here, change[wanted]) || !(await isGits(git, files, change, here))) continue
    if (change[wanted].mode !== absentMode) work.write.push(change.path)
    else if (here.kind === 'file') work.remove.push(change.path)
  }
  return work
}

/**
 * Brings the working tree's files back to one side of the changes. The index must be that side's already.
 * Idempotent, and safe after a kill at any moment.
 * @param except paths that had local edits before: they are somebody else's business
 */
export const restoreFiles = async (
  git: Git,
  files: Files,
  changes: readonly Change[],
  wanted: 'from' | 'to',
  except: ReadonlySet<string>,
): Promise<void> => {
  const work = await sortOut(
    git,
    files,
    changes.filter((change) => !except.has(change.path)),
    wanted,
  )
  for (const name of work.remove) {
    await files.remove(git.path(name))
    await files.removeEmptyFolders(path.dirname(git.path(name)), git.folder)
  }
  if (work.write.length === 0) return
  await git.run(['checkout-index', '-f', '-z', '--stdin'], {
    input: work.write.map((name) => `${name}\0`).join(''),
  })
}

/** Paths that the target has and the source has not, and where something stands already that git does not know. */
export const inTheWay = async (
  git: Git,
  files: Files,
  changes: readonly Change[],
): Promise<readonly string[]> => {
  const added = changes.filter((change) => change.from.mode === absentMode)
  const found = await findAll(
    git,
    files,
    added.map((change) => change.path),
  )
  return added
    .filter((change) => {
      const here = found.get(change.path)
      return here !== undefined && here.kind !== 'absent' && !isSide(here, change.to)
    })
    .map((change) => change.path)
}
