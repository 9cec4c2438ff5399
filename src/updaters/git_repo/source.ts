import type { SurveyContext } from '../contract.js'
import type { Checkout } from './checkout.js'
import { fetchRemote } from './remote.js'
import type { GitRepoState } from './state.js'

/** Where the commits of an upgrade come from. */
export interface CommitSource {
  /** True when all it has is on this machine: that the remote cannot be asked does not matter. */
  readonly isHere: boolean
  /** @returns false when no ref was changed. @throws GitError */
  bring(checkout: Checkout, state: GitRepoState, context: SurveyContext): Promise<boolean>
}

/** The remote that the branch tracks. */
export const remoteSource: CommitSource = {
  isHere: false,
  bring: ({ git, outside }, { remote }, { signal, progress }) =>
    fetchRemote(git, remote, outside.clock, signal, progress),
}
