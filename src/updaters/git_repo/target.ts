import { MoonkeeperError } from '../../contract/error.js'
import type { Checkout } from './checkout.js'
import type { Place } from './head.js'
import { describe, resolveCommit } from './history.js'
import type { GitRepoState } from './state.js'

export type Target = NonNullable<GitRepoState['target']>

/** What a survey found: where the plan goes, or why there is nothing to do. */
export type Finding =
  | {
      readonly target: Target
      /** True when all that differs was read already. */
      readonly read: boolean
    }
  | { readonly nothing: string }

export const targetOf = (from: Place, to: Place, toBranchWas: string | null, stamp: string): Target => ({
  from: from.commit,
  fromBranch: from.branch,
  to: to.commit,
  toBranch: to.branch,
  toBranchWas,
  stamp,
  rebuildIndex: false,
  readable: true,
  cloneUrl: null,
  dependencies: null,
  fromVersion: '?',
  toVersion: '?',
  backwards: false,
})

/** As git describe tells it; ? when it cannot. */
const versionOf = async (
  { git }: Checkout,
  state: GitRepoState,
  commit: string,
  signal: AbortSignal,
): Promise<string> => {
  if (commit === '?') return '?'
  if (commit === state.currentCommit) return state.currentVersion
  if (commit === state.upstreamCommit) return state.upstreamVersion
  const [described = '?'] = await describe(git, [commit], signal).catch(() => [])
  return described
}

/** What both ends are called. HEAD may have been moved by hand since the last look. */
export const withVersions = async (
  checkout: Checkout,
  state: GitRepoState,
  target: Target,
  signal: AbortSignal,
): Promise<Target> => ({
  ...target,
  fromVersion: await versionOf(checkout, state, target.from, signal),
  toVersion:
    target.toVersion === '?' ? await versionOf(checkout, state, target.to, signal) : target.toVersion,
})

/** What a branch names now; null when there is no such branch. */
export const branchCommit = async (checkout: Checkout, branch: string | null): Promise<string | null> =>
  branch === null ? null : resolveCommit(checkout.git, `refs/heads/${branch}`)

export const changedSince = (name: string, what: string): MoonkeeperError =>
  new MoonkeeperError('not_valid', `Git Repo ${name}: ${what}. Refresh, look at it, and try again.`)
