import type { GitRepoState } from '../../contract/generated/types.js'
import { GitRepoState as validate } from '../../contract/generated/validators.js'
import type { Json } from '../contract.js'

export type { GitRepoState }

/** Nothing known yet: unknown texts are "?". */
export const unknownState = (): GitRepoState => ({
  repository: 'unknown',
  gitFolder: '',
  corrupt: false,
  foreignOwner: false,
  remote: '?',
  branch: '?',
  detached: false,
  remoteUrl: '?',
  recoveryUrl: '?',
  owner: '?',
  repoName: '?',
  currentCommit: '?',
  upstreamCommit: '?',
  currentVersion: '?',
  upstreamVersion: '?',
  dirty: false,
  modified: [],
  untracked: [],
  diverged: false,
  pinnedFound: true,
  rollback: { commit: '?', branch: '?', version: '?' },
  commitsBehind: [],
  commitsBehindCount: 0,
  messages: [],
  failure: null,
  remoteFailure: null,
  target: null,
  pin: null,
  kept: [],
  virtualenvProblem: null,
})

/**
 * What was saved, or nothing known when it is not understood (another version of Moonkeeper wrote it). What an older one
 * did not know of yet is as when nothing is known; what it surveyed is surveyed again.
 */
export const readState = (saved: Json): GitRepoState => {
  const state: unknown = isRecord(saved) ? { ...unknownState(), ...saved } : saved
  const readable = [state, isRecord(saved) ? { ...unknownState(), ...saved, target: null } : saved].find(
    (one) => validate(one),
  )
  return readable === undefined ? unknownState() : (readable as GitRepoState)
}

const isRecord = (saved: Json): saved is { readonly [key: string]: Json | undefined } =>
  typeof saved === 'object' && saved !== null && !Array.isArray(saved)

/** Where a rollback would go when nothing was updated yet: to what is here. */
export const placeOf = (state: GitRepoState): GitRepoState['rollback'] => ({
  commit: state.currentCommit,
  branch: state.branch,
  version: state.currentVersion,
})
