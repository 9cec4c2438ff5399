import { MoonkeeperError } from '../../contract/error.js'
import { harmless } from '../../contract/text.js'
import type { SurveyContext } from '../contract.js'
import type { Checkout } from './checkout.js'
import { readHead, type Place } from './head.js'
import { resolveCommit } from './history.js'
import { findPlace } from './named-version.js'
import type { GitRepoState } from './state.js'
import { plainVersion } from './version.js'
import { branchCommit, targetOf, type Finding } from './target.js'

interface KeptPlace extends Place {
  readonly version: string
}

/** Where a rollback goes: to the version before the last update, or to a kept one. @throws refused, unknown_version */
const destination = async (
  checkout: Checkout,
  state: GitRepoState,
  version: string | null,
  signal: AbortSignal,
): Promise<KeptPlace> => {
  const { rollback, kept } = state
  const known = rollback.commit === '?' || rollback.branch === '?' ? [] : [rollback]
  if (version === null) {
    if (known[0] !== undefined) return known[0]
    throw new MoonkeeperError('refused', 'Incomplete rollback data stored, cannot rollback')
  }
  // Who asks again for what is installed already need not be told that it is not kept.
  const here = { commit: state.currentCommit, branch: state.branch, version: state.currentVersion }
  const found = await findPlace<KeptPlace>(checkout, [...kept, ...known, here], version, signal)
  if (found !== null) return found
  const names = kept.map((place) => `${plainVersion(place.version)} (${place.commit.slice(0, 8)})`).join(', ')
  throw new MoonkeeperError(
    'unknown_version',
    `Git Repo ${checkout.name}: the version '${harmless(version)}' is not kept, or several go by that name. Kept are: ${names === '' ? 'none' : names}`,
  )
}

/** @throws refused, unknown_version, GitError */
export const surveyRollback = async (
  checkout: Checkout,
  state: GitRepoState,
  version: string | null,
  context: SurveyContext,
  stamp: string,
): Promise<Finding> => {
  const { commit, branch, version: toVersion } = await destination(checkout, state, version, context.signal)
  const from = await readHead(checkout.git)
  const to: Place = { commit, branch: from.branch === null ? null : branch }
  if (from.commit === to.commit && from.branch === to.branch) {
    return { nothing: `Git Repo ${checkout.name}: Rollback not performed` }
  }
  if ((await resolveCommit(checkout.git, commit, context.signal)) === null) {
    throw new MoonkeeperError(
      'refused',
      `Git Repo ${checkout.name}: the commit ${commit} to go back to is gone`,
    )
  }
  const was = await branchCommit(checkout, to.branch)
  return { target: { ...targetOf(from, to, was, stamp), toVersion }, read: false }
}
