import type { DependencyWork, FolderChange, KeptFolder } from '../../contract/generated/types.js'
import type { Files } from '../../system/files.js'
import type { Step } from '../contract.js'
import type { KeptDependencies } from './work.js'

/*
 * A generation keeps its dependencies. A version that was left names the folders that it had, where those are not the
 * ones in use: many versions may have had the same. What no kept version names is dropped.
 */

/** What a version has, when a change is done: what was in use is kept now, and what comes back is in use. */
const after = (before: KeptFolder | undefined, change: FolderChange | null): KeptFolder | undefined => {
  if (change === null) return before
  if (before !== undefined) return before.at === change.from ? undefined : before
  // Where there was none, none is kept.
  return change.inode === 0 ? undefined : { folder: change.folder, at: change.kept }
}

/** A version that was left, as it is kept when the work is done. */
export const keptAfterWork = <T extends KeptDependencies>(place: T, work: DependencyWork | null): T => {
  const { virtualenv: oldVirtualenv, modules: oldModules, ...rest } = place
  const virtualenv = after(oldVirtualenv, work?.python ?? null)
  const modules = after(oldModules, work?.node ?? null)
  return {
    ...rest,
    ...(virtualenv === undefined ? {} : { virtualenv }),
    ...(modules === undefined ? {} : { modules }),
  } as T
}

const placesOf = (kept: readonly KeptDependencies[]): readonly string[] =>
  kept.flatMap(({ virtualenv, modules }) => [virtualenv, modules].flatMap((one) => one?.at ?? []))

/** Folders that no version needs any more when the work is done. */
export const droppedBy = (
  work: DependencyWork | null,
  before: readonly KeptDependencies[],
  stay: readonly KeptDependencies[],
): readonly string[] => {
  const left = [work?.python, work?.node].flatMap((change) => change?.kept ?? [])
  const needed = new Set(placesOf(stay))
  return [...new Set([...placesOf(before), ...left])].filter((place) => !needed.has(place))
}

export const dropDependenciesStep = (folders: readonly string[], files: Files): Step => ({
  name: 'drop old dependencies',
  async run() {
    for (const folder of folders) await files.remove(folder)
  },
})
