import { randomBytes } from 'node:crypto'
import { MoonkeeperError } from '../../contract/error.js'
import type { Goal, SurveyContext } from '../contract.js'
import type { Checkout } from './checkout.js'
import { dependencyWork } from './dependencies.js'
import { readHead, type Place } from './head.js'
import { isAncestor, resolveCommit } from './history.js'
import { headCommit, locate } from './location.js'
import { waitForIndexLock } from './lock.js'
import { fetchRemote, readRemotes, tell } from './remote.js'
import { repairObjects } from './repair.js'
import { bundleSource } from './bundle-source.js'
import { remoteSource } from './source.js'
import type { GitRepoState } from './state.js'
import { surveyRollback } from './survey-rollback.js'
import { surveyUpgrade, type Wanted } from './survey-upgrade.js'
import { branchCommit, changedSince, targetOf, withVersions, type Finding } from './target.js'

/** The remote that the primary branch tracks; origin when nothing is said. */
const primaryRemote = async (checkout: Checkout): Promise<string> => {
  const { primary_branch: primary } = checkout.options
  const remotes = await readRemotes(checkout.git)
  const tracked = remotes.trackedBy(primary)
  if (tracked !== '?') return tracked
  if (remotes.url('origin') !== '?') return 'origin'
  throw new MoonkeeperError(
    'refused',
    `Failed to find remote for primary branch '${primary}'. Try a hard recovery, which clones it anew.`,
  )
}

/** What a recovery goes to: the pinned or the current commit if the remote has it, else the remote's branch. */
export const recoveryCommit = async (
  checkout: Pick<Checkout, 'options'>,
  git: Checkout['git'],
  current: string,
  upstream: string,
  signal: AbortSignal,
): Promise<string> => {
  for (const candidate of [checkout.options.pinned_commit, current]) {
    if (candidate === undefined || candidate === '?') continue
    const commit = await resolveCommit(git, candidate, signal)
    if (commit !== null && (await isAncestor(git, commit, upstream, signal))) return commit
  }
  return upstream
}

const surveySoftRecovery = async (
  checkout: Checkout,
  state: GitRepoState,
  context: SurveyContext,
  stamp: string,
): Promise<Finding> => {
  const { git, name, options, outside } = checkout
  const location = await locate(git.folder, outside.files)
  if (location.repository === 'absent') {
    throw new MoonkeeperError(
      'refused',
      `Git Repo ${name}: repo not initialized. A hard recovery clones it anew.`,
    )
  }
  context.progress(`Git Repo ${name}: Resetting Git Repo...`)
  // What is only shown removes no lock.
  if (!context.shown) await waitForIndexLock(location.gitFolder, outside.files, outside.clock, context.signal)
  const rebuildIndex = await isIndexDamaged(checkout)
  if (state.corrupt && !context.shown) await repairObjects(checkout, location, context)
  const from = await readHead(git).catch((thrown: unknown) => {
    throw damaged(checkout, thrown)
  })
  const upstream = await primaryTip(checkout, context)
  const commit = await recoveryCommit(checkout, git, from.commit, upstream, context.signal)
  const was = await branchCommit(checkout, options.primary_branch)
  const to: Place = { commit, branch: options.primary_branch }
  return { target: { ...targetOf(from, to, was, stamp), rebuildIndex }, read: false }
}

const damaged = (checkout: Checkout, cause: unknown): MoonkeeperError =>
  new MoonkeeperError(
    'recovery_failed',
    `Git Repo ${checkout.name}: what is checked out cannot be told any more. A hard recovery clones it anew.`,
    cause,
  )

const isIndexDamaged = async ({ git }: Checkout): Promise<boolean> => {
  const listed = await git.attempt(['ls-files', '--stage', '-z'])
  return listed.code !== 0
}

/** The newest commit of the primary branch that the remote is known to have; asked for when none is known. */
const primaryTip = async (checkout: Checkout, context: SurveyContext): Promise<string> => {
  const { git, options, outside } = checkout
  const remote = await primaryRemote(checkout)
  const ref = `refs/remotes/${remote}/${options.primary_branch}`
  const known = await resolveCommit(git, ref)
  if (known !== null) return known
  await fetchRemote(git, remote, outside.clock, context.signal, tell(context.progress))
  const fetched = await resolveCommit(git, ref)
  if (fetched === null)
    throw changedSince(checkout.name, `the remote has no branch ${options.primary_branch}`)
  return fetched
}

const surveyHardRecovery = async (
  checkout: Checkout,
  state: GitRepoState,
  stamp: string,
): Promise<Finding> => {
  const { git, name, outside } = checkout
  const location = await locate(git.folder, outside.files)
  if (location.repository === 'submodule' || location.repository === 'worktree') {
    const kind = location.repository
    throw new MoonkeeperError(
      'refused',
      `Cannot clone git repo ${name}, it is a ${kind} of another git repo.`,
    )
  }
  const cloneUrl = state.recoveryUrl === '?' ? checkout.options.origin : state.recoveryUrl
  const found = location.repository === 'absent' ? null : await headCommit(location, outside.files)
  const readable =
    !state.corrupt && found !== null && (await git.attempt(['status', '--porcelain'])).code === 0
  const from: Place = { commit: found ?? state.currentCommit, branch: null }
  return {
    target: { ...targetOf(from, { commit: '?', branch: null }, null, stamp), readable, cloneUrl },
    read: false,
  }
}

/** Who brought a version here brought all of it. */
const wantedOf = ({ version, carried }: Extract<Goal, { kind: 'upgrade' }>): Wanted => ({
  version,
  source: carried === undefined ? remoteSource : bundleSource(carried),
})

const find = async (
  checkout: Checkout,
  state: GitRepoState,
  goal: Goal,
  context: SurveyContext,
): Promise<Finding> => {
  const time = new Date(checkout.outside.clock.now()).toISOString().replace(/[:.]/g, '-').slice(0, 23)
  // Clocks jump, and two edits may come within one second: nothing kept is ever overwritten.
  const stamp = `${time}-${randomBytes(3).toString('hex')}`
  switch (goal.kind) {
    case 'upgrade':
      return surveyUpgrade(checkout, state, wantedOf(goal), context, stamp)
    case 'rollback':
      return surveyRollback(checkout, state, goal.version, context, stamp)
    case 'recover': {
      context.progress(`Git Repo ${checkout.name}: Attempting Repo Recovery...`)
      return goal.hard
        ? surveyHardRecovery(checkout, state, stamp)
        : surveySoftRecovery(checkout, state, context, stamp)
    }
  }
}

/** The I/O before a plan. @throws not_valid, refused, unknown_version, GitError */
export const survey = async (
  checkout: Checkout,
  state: GitRepoState,
  goal: Goal,
  context: SurveyContext,
): Promise<Finding> => {
  const finding = await find(checkout, state, goal, context)
  if ('nothing' in finding) return finding
  const target = await withVersions(checkout, state, finding.target, context.signal)
  const dependencies = await dependencyWork(checkout, state, target, goal, context.signal)
  return { ...finding, target: { ...target, dependencies } }
}
