import type { DependencyWork } from '../../contract/generated/types.js'
import { folderTree, type SourceTree } from '../../dependencies/source-tree.js'
import type { Goal, SurveyContext } from '../contract.js'
import type { Dependent } from '../dependencies/dependent.js'
import { findWork, type KeptDependencies, type Passage } from '../dependencies/work.js'
import { nothingShown, showDependencies, type ShownDependencies } from '../dependencies/shown.js'
import type { Checkout } from './checkout.js'
import { commitTree } from './commit-tree.js'
import { GitError } from './git.js'
import type { GitRepoState } from './state.js'
import type { Target } from './target.js'

export const dependentOf = ({ name, options, git, outside }: Checkout): Dependent => ({
  name,
  label: `Git Repo ${name}`,
  folder: git.folder,
  options,
  outside,
})

/** What was kept with a version that is gone back to. An upgrade takes what there is now, as it was asked for. */
const keptWith = ({ kept }: GitRepoState, { to }: Target, goal: Goal): KeptDependencies =>
  goal.kind === 'rollback' ? (kept.find(({ commit }) => commit === to) ?? {}) : {}

/**
 * What there is to do about dependencies when a checkout goes to its target; null when nothing.
 * @throws refused when what is there could not be kept
 */
export const dependencyWork = async (
  checkout: Checkout,
  state: GitRepoState,
  target: Target,
  goal: Goal,
  signal: AbortSignal,
): Promise<DependencyWork | null> => {
  const dependent = dependentOf(checkout)
  const all = goal.kind === 'recover' && goal.updateDependencies
  const work = (to: SourceTree | null): Promise<DependencyWork | null> => {
    const passage: Passage = {
      from: all ? null : folderTree(dependent.folder, checkout.outside.files),
      to,
      kept: keptWith(state, target, goal),
      stamp: target.stamp,
      mends: goal.kind === 'recover',
    }
    return findWork(dependent, passage)
  }
  if (target.to === '?') return work(null)
  try {
    return await work(commitTree(checkout.git, target.to, signal))
  } catch (thrown) {
    // A damaged repository: what the other version asks for is known when it is checked out.
    if (!(thrown instanceof GitError) || signal.aborted) throw thrown
    return work(null)
  }
}

/** The same for people. A damaged repository tells less. */
export const shownDependencies = async (
  checkout: Checkout,
  goal: Goal,
  target: Target | null,
  context: SurveyContext,
): Promise<ShownDependencies> => {
  const dependent = dependentOf(checkout)
  if (target === null) return nothingShown
  const { files } = checkout.outside
  const all = goal.kind === 'recover' && goal.updateDependencies
  const versions = {
    from: all ? null : folderTree(dependent.folder, files),
    to: target.dependencies?.known === false ? null : commitTree(checkout.git, target.to, context.signal),
  }
  return showDependencies(dependent, target.dependencies, versions, context)
}
