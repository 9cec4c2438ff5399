import type { ApplicationPlan } from '../../contract/generated/types.js'
import type { Goal, SurveyContext } from '../contract.js'
import { readChanges, type Change } from './changes.js'
import type { Checkout } from './checkout.js'
import { dependencyChanges } from './dependency-changes.js'
import { countApart, readCommits, readTags } from './history.js'
import type { GitRepoState } from './state.js'
import type { Target } from './target.js'
import { shortVersion } from './version.js'
import { readWorkingTree } from './working-tree.js'

type Shown = Partial<ApplicationPlan>

const nothingOf = { install: [], upgrade: [], remove: [] }

/** Files whose edits are carried over or kept. An upgrade begins only where there are none. */
const editsOf = async (checkout: Checkout, goal: Goal, target: Target | null): Promise<string[]> => {
  if (target === null || goal.kind === 'upgrade' || !target.readable) return []
  // Where the index is damaged, it cannot be told before it is built again.
  if (target.rebuildIndex) return []
  return [...(await readWorkingTree(checkout.git)).changed]
}

/** Bytes that the files of the new version take. */
const sizeOf = async (
  checkout: Checkout,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<number> => {
  const ids = changes.filter(({ to }) => !/^0+$/.test(to.id)).map(({ to }) => `${to.id}\n`)
  if (ids.length === 0) return 0
  const args = ['cat-file', '--batch-check=%(objectsize)']
  const { stdout } = await checkout.git.run(args, { input: ids.join(''), signal })
  const sizes = stdout.toString('utf8').split('\n').map(Number)
  return sizes.reduce((sum, size) => sum + (Number.isFinite(size) ? size : 0), 0)
}

/** What only people want to know of two versions that are both here. */
const describeChange = async (checkout: Checkout, target: Target, signal: AbortSignal): Promise<Shown> => {
  const { git } = checkout
  const changes = await readChanges(git, target.from, target.to)
  const [tags, apart, bytes, dependencies] = await Promise.all([
    readTags(git, target.to, signal),
    countApart(git, target.from, target.to, signal),
    sizeOf(checkout, changes, signal),
    dependencyChanges(checkout, target, signal),
  ])
  return {
    commits: await readCommits(git, `${target.from}..${target.to}`, tags, signal),
    commits_count: apart.behind,
    download_bytes: 0,
    files: changes.length,
    disk_bytes: bytes,
    ...dependencies,
  }
}

const warningsOf = (checkout: Checkout, goal: Goal, target: Target | null): string[] => {
  const warnings: string[] = []
  if (target === null) return warnings
  if (target.dependencies.length > 0) {
    warnings.push(
      `${target.dependencies.join(', ')} would change. Dependencies are not installed automatically yet: install them ` +
        'by hand if the application does not start.',
    )
  }
  if (checkout.options.system_dependencies !== undefined && target.dependencies.length > 0)
    warnings.push('Which packages of the operating system it needs is not known yet.')
  if (target.rebuildIndex) warnings.push('The index is damaged: which files were edited is known only later.')
  if (goal.kind === 'recover' && goal.hard) {
    warnings.push(
      'Everything is downloaded anew: how much, how many files, and whether the remote still has the installed ' +
        'version is known only then. Kept versions go.',
    )
  }
  return warnings
}

/** Where it goes; a hard recovery brings the installed version back if the remote has it. */
const destinationOf = (state: GitRepoState, target: Target | null): ApplicationPlan['to'] => {
  if (target === null || target.to === '?' || target.to === state.currentCommit)
    return { version: shortVersion(state.currentVersion), id: state.currentCommit }
  const version = target.to === state.upstreamCommit ? state.upstreamVersion : target.toVersion
  return { version: shortVersion(version), id: target.to }
}

/** The plan as people see it. @param target null when there is nothing to do */
export const summarise = async (
  checkout: Checkout,
  state: GitRepoState,
  goal: Goal,
  target: Target | null,
  context: SurveyContext,
): Promise<ApplicationPlan> => {
  const comparable = target !== null && target.to !== '?' && target.from !== '?'
  return {
    name: checkout.name,
    type: 'git_repo',
    goal: goal.kind,
    needed: target !== null,
    from: { version: shortVersion(state.currentVersion), id: state.currentCommit },
    to: destinationOf(state, target),
    downgrade: target?.backwards ?? false,
    packages: nothingOf,
    services: target === null ? [] : [...checkout.options.managed_services],
    edits: await editsOf(checkout, goal, target),
    reversible: true,
    warnings: warningsOf(checkout, goal, target),
    ...(context.shown && comparable ? await describeChange(checkout, target, context.signal) : {}),
  }
}
