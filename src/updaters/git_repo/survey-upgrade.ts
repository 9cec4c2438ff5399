import { MoonkeeperError } from '../../contract/error.js'
import type { SurveyContext } from '../contract.js'
import { readBothSides } from './changes.js'
import type { Checkout } from './checkout.js'
import { readHead } from './head.js'
import { describe, isAncestor, readTags, resolveCommit } from './history.js'
import { waitForIndexLock } from './lock.js'
import { findVersion, isAtHand } from './named-version.js'
import { fetchRemote } from './remote.js'
import type { GitRepoState } from './state.js'
import { isValid } from './status.js'
import { changedDependencies, changedSince, targetOf, type Finding } from './target.js'
import { findUpstream, tipOf } from './versions.js'

type IsRead = (from: string, to: string) => boolean

const nothingRead: IsRead = () => false

/**
 * Usually a refresh has fetched everything: what the switch needs is read while the remote is asked.
 * @returns tells whether all that differs between two commits has been read
 */
const fetchAndRead = async (
  { git, outside }: Checkout,
  { remote, currentCommit, upstreamCommit }: GitRepoState,
  { signal, progress, shown }: SurveyContext,
): Promise<IsRead> => {
  const asking = fetchRemote(git, remote, outside.clock, signal, progress)
  if (shown) return asking.then(() => nothingRead)
  // What cannot be read now is read again, or told, when it is known what there is to switch to.
  const reading = readBothSides(git, currentCommit, upstreamCommit, signal).then(
    () => true,
    () => false,
  )
  const [asked, read] = await Promise.allSettled([asking, reading])
  if (asked.status === 'rejected') throw asked.reason
  return (from, to) =>
    read.status === 'fulfilled' && read.value && from === currentCommit && to === upstreamCommit
}

/** Asks the remote, unless the wanted version is here. */
const fetch = async (
  checkout: Checkout,
  state: GitRepoState,
  version: string | null,
  context: SurveyContext,
): Promise<IsRead> => {
  const { outside, name } = checkout
  if (version !== null && (await isAtHand(checkout, state, version, context.signal))) return nothingRead
  context.progress(`Git Repo ${name}: Updating Repo...`)
  await waitForIndexLock(checkout.gitFolder, outside.files, outside.clock, context.signal)
  return fetchAndRead(checkout, state, context)
}

/** Where the upgrade goes. @throws unknown_version, not_valid */
const destination = async (
  checkout: Checkout,
  state: GitRepoState,
  version: string | null,
  head: string,
  signal: AbortSignal,
): Promise<string> => {
  const tip = await resolveCommit(checkout.git, tipOf(state), signal)
  if (tip === null) throw changedSince(checkout.name, `the remote has no branch ${state.branch} any more`)
  if (version !== null) return findVersion(checkout, state, version, signal)
  const tags =
    checkout.options.channel === 'dev' ? new Map<string, string>() : await readTags(checkout.git, tip, signal)
  return findUpstream(checkout, state, head, tip, tags, signal)
}

const versionOf = async (
  checkout: Checkout,
  state: GitRepoState,
  commit: string,
  signal: AbortSignal,
): Promise<string> => {
  if (commit === state.upstreamCommit) return state.upstreamVersion
  return (await describe(checkout.git, [commit], signal))[0] ?? '?'
}

/** @throws not_valid, unknown_version, GitError */
export const surveyUpgrade = async (
  checkout: Checkout,
  state: GitRepoState,
  version: string | null,
  context: SurveyContext,
  stamp: string,
): Promise<Finding> => {
  const { git, name, outside } = checkout
  const { signal } = context
  if (!isValid(state, outside.debug)) throw new MoonkeeperError('not_valid', 'Update aborted, repo not valid')
  if (version === null && state.currentCommit === state.upstreamCommit) return { nothing: '' }
  context.progress(`Updating Application ${name}...`)
  const isRead = await fetch(checkout, state, version, context)
  const from = await readHead(git)
  if (from.branch !== (state.detached ? null : state.branch))
    throw changedSince(name, 'another branch is checked out')
  const commit = await destination(checkout, state, version, from.commit, signal)
  if (commit === from.commit) return { nothing: `Git Repo ${name}: Already up to date` }
  const [dependencies, forwards, toVersion] = await Promise.all([
    changedDependencies(checkout, from.commit, commit),
    version === null || isAncestor(git, from.commit, commit, signal),
    versionOf(checkout, state, commit, signal),
  ])
  const target = targetOf(from, { commit, branch: from.branch }, from.commit, stamp)
  return {
    target: { ...target, dependencies, toVersion, backwards: !forwards },
    read: isRead(from.commit, commit),
  }
}
