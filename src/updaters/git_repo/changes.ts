import path from 'node:path'
import type { Files } from '../../system/files.js'
import { limits, withoutIndex, type Git } from './git.js'
import { findAll, isSide, type Found, type Side } from './found.js'

export { absentMode, type Side } from './found.js'

/** A path that differs between two commits. */
export interface Change {
  readonly path: string
  readonly from: Side
  readonly to: Side
}

const submoduleMode = '160000'
const absent = '000000'

const diff = ['diff-tree', '-r', '-z', '--raw', '--no-renames']

interface Read {
  readonly route: string
  readonly changes: readonly Change[]
  /** That the files of the new side take. */
  readonly bytes: number
}

/** Of each checkout, what was read last: two commits differ in the same files for ever. */
const lastRead = new WeakMap<Git, Read>()

const remembered = (git: Git, route: string): Read | null => {
  const last = lastRead.get(git)
  return last?.route === route ? last : null
}

/** What differs between two commits (their full hashes). Submodules are left alone everywhere. @throws GitError */
export const readChanges = async (git: Git, from: string, to: string): Promise<readonly Change[]> =>
  remembered(git, `${from} ${to}`)?.changes ??
  parse(await git.readList([...diff, from, to, '--'], { env: withoutIndex }))

const addSizes = async (git: Git, changes: readonly Change[], signal: AbortSignal): Promise<number> => {
  const ids = changes.filter(({ to }) => to.mode !== absent).map(({ to }) => `${to.id}\n`)
  if (ids.length === 0) return 0
  const args = ['cat-file', '--batch-check=%(objectsize)']
  const { stdout } = await git.run(args, { input: ids.join(''), signal, readsOnly: true })
  const sizes = stdout.toString('utf8').split('\n').map(Number)
  return sizes.reduce((sum, size) => sum + (Number.isFinite(size) ? size : 0), 0)
}

/** Bytes that the files of the new version take, of those that differ. @throws GitError */
export const sizeOfChanges = async (
  git: Git,
  [from, to]: readonly [string, string],
  signal: AbortSignal,
): Promise<number> =>
  remembered(git, `${from} ${to}`)?.bytes ?? addSizes(git, await readChanges(git, from, to), signal)

/**
 * The same, and every object that a switch, and the way back, will need is read: better now than half way. readChanges
 * remembers it, and sizeOfChanges.
 * @throws GitError
 */
export const readBothSides = async (
  git: Git,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<void> => {
  const route = `${from} ${to}`
  const args = [...diff, '--numstat', '--no-ext-diff', '--no-textconv', from, to, '--']
  const changes = parse(await git.readList(args, { timeout: limits.transfer, signal, env: withoutIndex }))
  lastRead.set(git, { route, changes, bytes: await addSizes(git, changes, signal) })
}

/** @param entry `:100644 100755 ID ID M` */
const parseChange = (entry: string, path: string): Change => {
  const [fromMode = '', toMode = '', fromId = '', toId = ''] = entry.slice(1).split(' ')
  return { path, from: { mode: fromMode, id: fromId }, to: { mode: toMode, id: toId } }
}

/** @param parts pairs of an entry and a path; what does not begin with a colon is another list */
const parse = (parts: readonly string[]): readonly Change[] => {
  const changes: Change[] = []
  for (let i = 0; parts[i]?.startsWith(':') === true; i += 2)
    changes.push(parseChange(parts[i] ?? '', parts[i + 1] ?? ''))
  return changes.filter(({ from, to }) => from.mode !== submoduleMode && to.mode !== submoduleMode)
}

/** True when a file is the beginning of what git was writing there when it was killed. */
const isHalfWritten = async (git: Git, files: Files, change: Change): Promise<boolean> => {
  const content = await files.readContent(git.path(change.path))
  if (content === null) return false
  for (const side of [change.from, change.to]) {
    if (side.mode === absent) continue
    const blob = await git.run(['cat-file', 'blob', side.id], { maxOutput: 1024 ** 3, timeout: limits.read })
    if (content.length <= blob.stdout.length && blob.stdout.subarray(0, content.length).equals(content))
      return true
  }
  return false
}

/** True for what git (or an earlier undo) wrote or half wrote, and for nothing at all; false for the user's own. */
const isGits = async (git: Git, files: Files, change: Change, here: Found): Promise<boolean> => {
  if (here.kind === 'absent' || isSide(here, change.from) || isSide(here, change.to)) return true
  return here.kind === 'file' && isHalfWritten(git, files, change)
}

/** Those of the changes whose path holds something of git's that is not as wanted. */
const sortOut = async (
  git: Git,
  files: Files,
  changes: readonly Change[],
  wanted: 'from' | 'to',
): Promise<readonly Change[]> => {
  const names = changes.map((change) => change.path)
  const found = await findAll(git, files, names)
  const work: Change[] = []
  for (const change of changes) {
    const here = found.get(change.path) ?? { kind: 'other' }
    if (isSide(here, change[wanted]) || !(await isGits(git, files, change, here))) continue
    work.push(change)
  }
  return work
}

/**
 * Brings the working tree's files back to one side of the changes. The index must be that side's already.
 * Recognised by content: what is git's is brought back; anything else is the user's and stays as it is.
 * First what must go, then what must come: a folder of one version may be a file or a symlink in the other.
 * Idempotent, and safe after a kill at any moment.
 */
export const restoreFiles = async (
  git: Git,
  files: Files,
  changes: readonly Change[],
  wanted: 'from' | 'to',
): Promise<void> => {
  const going = changes.filter((change) => change[wanted].mode === absent)
  for (const change of await sortOut(git, files, going, wanted)) {
    await files.remove(git.path(change.path))
    await files.removeEmptyFolders(path.dirname(git.path(change.path)), git.folder)
  }
  const coming = changes.filter((change) => change[wanted].mode !== absent)
  const write = await sortOut(git, files, coming, wanted)
  if (write.length === 0) return
  const input = write.map((change) => `${change.path}\0`).join('')
  await git.run(['checkout-index', '-f', '-z', '--stdin'], { input, timeout: limits.transfer })
}
