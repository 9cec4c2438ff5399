import { MoonkeeperError } from '../../contract/error.js'
import type { SurveyContext } from '../contract.js'
import { pastPin } from '../past-pin.js'
import { readBothSides } from './changes.js'
import type { Checkout } from './checkout.js'
import { readHead, readHeadAnd, type Place } from './head.js'
import { isAncestor, readTags } from './history.js'
import { waitForIndexLock } from './lock.js'
import { findOnRemote, unknownVersion } from './named-version.js'
import type { CommitSource } from './source.js'
import type { GitRepoState } from './state.js'
import { isValid } from './status.js'
import { changedSince, targetOf, type Finding } from './target.js'
import { plainVersion } from './version.js'
import { findUpstream, tipOf } from './versions.js'

/** Tells whether all that differs between two commits has been read. */
type IsRead = (from: string, to: string) => boolean

const nothingRead: IsRead = () => false

/** What is asked for. */
export interface Wanted {
  /** null: what is usual. */
  readonly version: string | null
  readonly source: CommitSource
}

interface Ends {
  readonly from: Place
  /** The commit. */
  readonly to: string
}

/** What asking the remote has brought. */
interface Fetched {
  readonly isRead: IsRead
  /** HEAD and the remote's branch, where they are known to be still so. */
  readonly tips: Tips | null
}

type Tips = Awaited<ReturnType<typeof readHeadAnd>>

/** Usually a refresh has fetched everything: what the switch needs is read while the remote is asked. */
const fetchAndRead = async (
  checkout: Checkout,
  state: GitRepoState,
  source: CommitSource,
  context: SurveyContext,
): Promise<Fetched> => {
  const { currentCommit, upstreamCommit } = state
  const { git } = checkout
  const { signal, shown } = context
  const asking = source.bring(checkout, state, context)
  if (shown) return asking.then(() => ({ isRead: nothingRead, tips: null }))
  const [asked, read, tips] = await Promise.allSettled([
    asking,
    // What cannot be read now is read again, or told, when it is known what there is to switch to.
    readBothSides(git, currentCommit, upstreamCommit, signal),
    readHeadAnd(git, tipOf(state), signal),
  ])
  if (asked.status === 'rejected') throw asked.reason
  const isRead: IsRead = (from, to) =>
    read.status === 'fulfilled' && from === currentCommit && to === upstreamCommit
  return { isRead, tips: asked.value || tips.status === 'rejected' ? null : tips.value }
}

const fetch = async (
  checkout: Checkout,
  state: GitRepoState,
  source: CommitSource,
  context: SurveyContext,
): Promise<Fetched> => {
  const { outside, name } = checkout
  context.progress(`Git Repo ${name}: Updating Repo...`)
  // What is only shown removes no lock.
  if (!context.shown) await waitForIndexLock(checkout.gitFolder, outside.files, outside.clock, context.signal)
  return fetchAndRead(checkout, state, source, context)
}

/** Where an upgrade goes that names no version. @throws not_valid */
const usualDestination = async (
  checkout: Checkout,
  state: GitRepoState,
  tips: Tips | null,
  signal: AbortSignal,
): Promise<Ends> => {
  const { git, name, options } = checkout
  const { head, commit: tip } = tips ?? (await readHeadAnd(git, tipOf(state), signal))
  if (tip === null) throw changedSince(name, `the remote has no branch ${state.branch} any more`)
  const tags = options.channel === 'dev' ? new Map<string, string>() : await readTags(git, tip, signal)
  return { from: head, to: await findUpstream(checkout, state, head.commit, tip, tags, signal) }
}

/** Where the upgrade goes. Its source is asked, unless the wanted version is here. @throws unknown_version, not_valid */
const destination = async (
  checkout: Checkout,
  state: GitRepoState,
  { version, source }: Wanted,
  context: SurveyContext,
): Promise<Ends & { readonly isRead: IsRead }> => {
  const { signal } = context
  const find = async (): Promise<string | null> =>
    version === null ? null : findOnRemote(checkout, state, version, signal)
  const known = await find()
  if (known !== null) return { from: await readHead(checkout.git), to: known, isRead: nothingRead }
  const { isRead, tips } = await fetch(checkout, state, source, context)
  if (version === null) return { ...(await usualDestination(checkout, state, tips, signal)), isRead }
  const commit = await find()
  if (commit === null) throw unknownVersion(checkout.name, version)
  return { from: await readHead(checkout.git), to: commit, isRead }
}

/** An upgrade ends at the pin, also one that names its version. @throws pinned, set_in_configuration */
const refusePastPin = async (
  { git, name, options }: Checkout,
  { pin }: GitRepoState,
  version: string,
  commit: string,
  signal: AbortSignal,
): Promise<void> => {
  const { pinned_commit: pinned } = options
  if (pinned === undefined || (await isAncestor(git, commit, pinned, signal))) return
  const own = pin !== null && pin.commit === pinned
  throw pastPin(`Git Repo ${name}`, version, own ? plainVersion(pin.version) : pinned, !own)
}

/** Whether the installed version is no part of where it goes. @throws not_valid for what git would refuse */
const isBackwards = async (
  checkout: Checkout,
  state: GitRepoState,
  version: string | null,
  [from, to]: readonly [string, string],
  context: SurveyContext,
): Promise<boolean> => {
  const { git, name } = checkout
  // Without a name it goes forwards, or git refuses it: a plan says so.
  if (version === null && !context.shown) return false
  if (await isAncestor(git, from, to, context.signal)) return false
  if (version !== null) return true
  throw changedSince(
    name,
    `the remote's ${state.branch} was written anew and does not hold what is installed`,
  )
}

/** compat: Moonraker's words. Where nothing is wrong but the network, that is told apart. */
const notValid = ({ outside }: Checkout, state: GitRepoState): MoonkeeperError => {
  const unreachable =
    state.remoteFailure !== null && isValid({ ...state, remoteFailure: null }, outside.debug)
  return new MoonkeeperError(unreachable ? 'remote_failed' : 'not_valid', 'Update aborted, repo not valid')
}

/** @throws not_valid, remote_failed, unknown_version, GitError */
export const surveyUpgrade = async (
  checkout: Checkout,
  state: GitRepoState,
  wanted: Wanted,
  context: SurveyContext,
  stamp: string,
): Promise<Finding> => {
  const { name, outside } = checkout
  const { version, source } = wanted
  const judged = source.isHere ? { ...state, remoteFailure: null } : state
  if (!isValid(judged, outside.debug)) throw notValid(checkout, judged)
  const known = version === null && state.currentCommit === state.upstreamCommit
  if (known && !context.fresh) return { nothing: '' }
  context.progress(`Updating Application ${name}...`)
  const { from, to: commit, isRead } = await destination(checkout, state, wanted, context)
  if (version !== null) await refusePastPin(checkout, state, version, commit, context.signal)
  if (from.branch !== (state.detached ? null : state.branch))
    throw changedSince(name, 'another branch is checked out')
  if (commit === from.commit) return { nothing: `Git Repo ${name}: Already up to date` }
  const backwards = await isBackwards(checkout, state, version, [from.commit, commit], context)
  const target = targetOf(from, { commit, branch: from.branch }, from.commit, stamp)
  return { target: { ...target, backwards }, read: isRead(from.commit, commit) }
}
