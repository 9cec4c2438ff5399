import type { ApplicationPlan } from '../../contract/generated/types.js'
import type { Goal, SurveyContext } from '../contract.js'
import { readChanges, sizeOfChanges } from './changes.js'
import type { Checkout } from './checkout.js'
import { shownDependencies } from './dependencies.js'
import { GitError } from './git.js'
import { countApart, readCommits, readTags } from './history.js'
import type { GitRepoState } from './state.js'
import type { Target } from './target.js'
import { plainVersion } from './version.js'
import { readWorkingTree } from './working-tree.js'

type Shown = Partial<ApplicationPlan> & { readonly warnings: readonly string[] }

/** Where the repository is damaged, it cannot be told before it is mended: neither in a plan nor when it is begun. */
const canTellEdits = (state: GitRepoState, target: Target): boolean =>
  target.readable && !target.rebuildIndex && !state.corrupt

/** Files whose edits are carried over or kept. An upgrade to a newer version begins only where there are none. */
const editsOf = async (
  checkout: Checkout,
  state: GitRepoState,
  goal: Goal,
  target: Target | null,
): Promise<string[]> => {
  if (target === null || !canTellEdits(state, target)) return []
  if (goal.kind === 'upgrade' && !target.backwards) return []
  return [...(await readWorkingTree(checkout.git)).changed]
}

/** What only people want to know of two versions that are both here. */
const detailsOf = async (checkout: Checkout, target: Target, signal: AbortSignal): Promise<Shown> => {
  const { git } = checkout
  const [tags, apart] = await Promise.all([
    readTags(git, target.to, signal),
    countApart(git, target.from, target.to, signal),
  ])
  return {
    commits: await readCommits(git, `${target.from}..${target.to}`, tags, signal),
    commits_count: apart.behind,
    download_bytes: 0,
    warnings: [],
  }
}

/** What differs between two versions that are both here. The room that it takes is asked before every change. */
const differences = async (
  checkout: Checkout,
  target: Target,
  { shown, signal }: SurveyContext,
): Promise<Shown> => {
  if (target.to === '?' || target.from === '?') return { warnings: [] }
  try {
    const { git } = checkout
    const changes = await readChanges(git, target.from, target.to)
    const bytes = await sizeOfChanges(git, [target.from, target.to], signal)
    const room = { files: changes.length, disk_bytes: bytes }
    return { ...(shown ? await detailsOf(checkout, target, signal) : { warnings: [] }), ...room }
  } catch (thrown) {
    if (!(thrown instanceof GitError) || signal.aborted) throw thrown
    return { warnings: ['The repository is damaged: what would change in its files cannot be read.'] }
  }
}

/** What damage keeps from being known, or done. */
const damageWarnings = (state: GitRepoState, goal: Goal, target: Target): string[] => {
  if (canTellEdits(state, target)) return []
  const what = target.rebuildIndex ? 'index' : 'repository'
  const warnings = [`The ${what} is damaged: which files were edited is known only later.`]
  if (goal.kind !== 'recover') warnings.push('It may fail, and be undone. A recovery mends it.')
  return warnings
}

const hardWarning =
  'Everything is downloaded anew: how much, how many files, and whether the remote still has the installed ' +
  'version is known only then. Kept versions go.'

const warningsOf = (state: GitRepoState, goal: Goal, target: Target): string[] => {
  const warnings: string[] = []
  if (goal.kind === 'recover' && goal.hard) warnings.push(hardWarning)
  return [...warnings, ...damageWarnings(state, goal, target)]
}

/** From where, and to where: a hard recovery brings the installed version back if the remote has it. */
const endsOf = (state: GitRepoState, target: Target | null): Pick<ApplicationPlan, 'from' | 'to'> => {
  const installed = { version: plainVersion(state.currentVersion), id: state.currentCommit }
  if (target === null) return { from: installed, to: installed }
  const from =
    target.from === '?' ? installed : { version: plainVersion(target.fromVersion), id: target.from }
  const to = target.to === '?' ? from : { version: plainVersion(target.toVersion), id: target.to }
  return { from, to }
}

/** The plan as people see it. @param target null when there is nothing to do */
export const summarise = async (
  checkout: Checkout,
  state: GitRepoState,
  goal: Goal,
  target: Target | null,
  context: SurveyContext,
): Promise<ApplicationPlan> => {
  const found = target === null ? { warnings: [] } : await differences(checkout, target, context)
  const depends = await shownDependencies(checkout, goal, target, context)
  const known = target === null ? [] : warningsOf(state, goal, target)
  return {
    name: checkout.name,
    type: 'git_repo',
    goal: goal.kind,
    needed: target !== null,
    ...endsOf(state, target),
    downgrade: target?.backwards ?? false,
    packages: depends.packages,
    services: target === null ? [] : [...checkout.options.managed_services],
    edits: await editsOf(checkout, state, goal, target),
    reversible: true,
    ...found,
    ...depends.shown,
    ...(found.disk_bytes === undefined ? {} : { disk_bytes: found.disk_bytes + depends.room }),
    warnings: [...known, ...found.warnings, ...depends.warnings],
  }
}
