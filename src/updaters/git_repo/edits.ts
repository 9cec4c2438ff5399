import { MoonkeeperError } from '../../contract/error.js'
import type { Files } from '../../system/files.js'
import { absentMode, findAll, type Found } from './found.js'
import { limits, type Git } from './git.js'

/** A tracked file that was edited, and how: against HEAD. */
export interface Edit {
  readonly path: string
  /** It is in HEAD; else it was added to the index. */
  readonly inHead: boolean
  /** It is in the working tree. */
  readonly present: boolean
}

/** A path where something that git cannot keep took the place of a tracked file: a folder, a symlink to elsewhere. */
interface Odd {
  readonly path: string
  readonly found: Found
}

export interface Edits {
  readonly edits: readonly Edit[]
  readonly odd: readonly Odd[]
}

/**
 * The working tree against HEAD, through an index of its own: neither flags (assume-unchanged, skip-worktree) nor what
 * is staged or removed in the real index hides an edit.
 * @param index where that index is made
 * @throws GitError
 */
export const viewAgainstHead = async (git: Git, gitFolder: string, index: string): Promise<Git> => {
  const view = git.seenBy(gitFolder, index)
  await view.run(['read-tree', 'HEAD'])
  await view.attempt(['update-index', '-q', '--refresh'], { timeout: limits.transfer })
  return view
}

/** Files that were added to the real index: the view learns of them too. */
export const noteAdded = async (git: Git, view: Git): Promise<void> => {
  const args = [
    'diff-index',
    '--cached',
    '-z',
    '--name-only',
    '--diff-filter=A',
    '--no-renames',
    'HEAD',
    '--',
  ]
  const listed = await git.attempt(args)
  if (listed.code !== 0 || listed.stdout.length === 0) return
  const literal = { GIT_LITERAL_PATHSPECS: '1' }
  const add = [
    'add',
    '--intent-to-add',
    '--force',
    '--pathspec-from-file=-',
    '--pathspec-file-nul',
    '--ignore-errors',
  ]
  await view.attempt(add, { input: listed.stdout, env: literal })
}

/** All local edits of tracked files that a view sees. Submodules are left alone. @throws GitError */
export const readEdits = async (view: Git, files: Files): Promise<Edits> => {
  const args = ['diff-index', '-z', '--raw', '--no-renames', '--ignore-submodules=all', 'HEAD', '--']
  const parts = await view.readList(args, { timeout: limits.transfer })
  const inHead = new Map<string, boolean>()
  for (let i = 0; i + 1 < parts.length; i += 2) {
    inHead.set(parts[i + 1] ?? '', !(parts[i] ?? '').startsWith(`:${absentMode}`))
  }
  const found = await findAll(view, files, [...inHead.keys()])
  const edits: Edit[] = []
  const odd: Odd[] = []
  for (const [path, known] of inHead) {
    const here = found.get(path) ?? { kind: 'other' }
    if (here.kind === 'file' || here.kind === 'absent')
      edits.push({ path, inHead: known, present: here.kind === 'file' })
    else odd.push({ path, found: here })
  }
  return { edits, odd }
}

/** @throws refused when something took the place of a tracked file that no patch can hold */
export const refuseOdd = (name: string, { odd }: Edits): void => {
  const [first] = odd
  if (first === undefined) return
  const place = first.found.kind === 'behind' ? first.found.parent : first.path
  throw new MoonkeeperError(
    'refused',
    `Git Repo ${name}: ${place} took the place of files of this repository. Move it away and try again.`,
  )
}

/** The edits of one file as a patch that does not depend on the user's settings. @throws GitError */
export const patchOf = async (view: Git, edit: Edit): Promise<Buffer> => {
  const form = [
    '--binary',
    '--full-index',
    '--no-renames',
    '--no-color',
    '--src-prefix=a/',
    '--dst-prefix=b/',
  ]
  const plain = ['--no-ext-diff', '--no-textconv', '--no-relative', '-U3']
  const result = await view.run(['diff', ...form, ...plain, 'HEAD', '--', edit.path], {
    env: { GIT_LITERAL_PATHSPECS: '1', GIT_OPTIONAL_LOCKS: '0' },
    maxOutput: 1024 ** 3,
    timeout: limits.transfer,
  })
  return result.stdout
}
