import type { Files } from '../../system/files.js'
import type { Change } from './changes.js'
import { absentMode, filesBelow, findAll, isSide, type Found } from './found.js'
import type { Git } from './git.js'

/** What stands in the way of a switch between two versions. All of it is the user's. */
export interface Obstacles {
  /** Where the other version has a file of its own. */
  readonly untracked: readonly string[]
  /** Tracked files with edits that the other version changes. */
  readonly edited: readonly string[]
}

/** A folder is in the way of a file only if it holds something that the old version did not bring. */
const strangersBelow = async (
  git: Git,
  files: Files,
  folder: string,
  leaving: ReadonlySet<string>,
): Promise<readonly string[]> => {
  const names = await filesBelow(git, files, folder)
  return names.filter((name) => !leaving.has(name))
}

const addedObstacles = async (
  git: Git,
  files: Files,
  change: Change,
  here: Found,
  leaving: ReadonlySet<string>,
): Promise<readonly string[]> => {
  switch (here.kind) {
    case 'absent':
      return []
    case 'behind':
      return leaving.has(here.parent) ? [] : [here.parent]
    case 'folder':
      return strangersBelow(git, files, change.path, leaving)
    case 'file':
    case 'other':
      return [change.path]
  }
}

/** Looks for them before anything is touched: what is refused now need not be told apart from git's work later. */
export const findObstacles = async (
  git: Git,
  files: Files,
  changes: readonly Change[],
): Promise<Obstacles> => {
  const leaving = new Set(
    changes.filter((change) => change.to.mode === absentMode).map((change) => change.path),
  )
  const names = changes.map((change) => change.path)
  const found = await findAll(git, files, names)
  const untracked = new Set<string>()
  const edited: string[] = []
  for (const change of changes) {
    const here = found.get(change.path) ?? { kind: 'other' }
    if (change.from.mode !== absentMode) {
      if (!isSide(here, change.from)) edited.push(change.path)
      continue
    }
    for (const name of await addedObstacles(git, files, change, here, leaving)) untracked.add(name)
  }
  return { untracked: [...untracked], edited }
}
