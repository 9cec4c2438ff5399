import { countApart, countCommits, isAncestor, readCommits, readTags, resolveCommit } from './history.js'
import { describeKnown } from './descriptions.js'
import type { Git } from './git.js'
import type { InspectionSetup } from './inspection.js'
import { commitOf } from './refs.js'
import type { GitRepoState } from './state.js'
import {
  channelTakes,
  compareVersions,
  inferPreviousTag,
  isBareHash,
  parseVersion,
  type GitVersion,
} from './version.js'
import type { WorkingTree } from './working-tree.js'

interface Upstream {
  readonly commit: string
  /** As git describe tells it, or the tag. */
  readonly version: string
}

/** The remote's branch. "?" stays when the remote does not have it. */
export const tipOf = (state: GitRepoState): string => `refs/remotes/${state.remote}/${state.branch}`

const noTip = (state: GitRepoState): Error =>
  new Error(`The remote ${state.remote} has no branch ${state.branch}`)

/** The newest tag that the channel takes; null when there is none. */
const taggedUpstream = (tags: ReadonlyMap<string, string>, channel: 'stable' | 'beta'): Upstream | null => {
  for (const [commit, tag] of tags)
    if (channelTakes(channel, parseVersion(tag))) return { commit, version: tag }
  return null
}

/** A pinned commit is where an upgrade ends: once there, or beyond it, or when it does not exist, nothing is done. */
const pinnedUpstream = async (
  git: Git,
  state: GitRepoState,
  head: string,
  pinned: string,
  signal: AbortSignal,
): Promise<string> => {
  if (head.startsWith(pinned)) return head
  const commit = await resolveCommit(git, pinned, signal)
  state.pinnedFound = commit !== null
  return commit !== null && (await isAncestor(git, head, commit, signal)) ? commit : head
}

/** Where an upgrade would go: to the pinned commit, the channel's newest tag, or the tip. */
export const findUpstream = async (
  setup: InspectionSetup,
  state: GitRepoState,
  head: string,
  tip: string,
  tags: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<string> => {
  const { pinned_commit: pinned, channel } = setup.options
  state.pinnedFound = true
  if (pinned !== undefined) return pinnedUpstream(setup.git, state, head, pinned, signal)
  if (channel === 'dev') return tip
  return taggedUpstream(tags, channel)?.commit ?? head
}

/** True when the versions on the way are those of a branch, not of releases. */
const followsBranch = ({ options }: InspectionSetup): boolean =>
  options.channel === 'dev' || options.pinned_commit !== undefined

const inferredCurrent = async (
  setup: InspectionSetup,
  state: GitRepoState,
  upstream: GitVersion,
  signal: AbortSignal,
): Promise<string> => {
  const count = await countCommits(setup.git, 'HEAD', signal)
  return `${inferPreviousTag(upstream)}-${count}-g${state.currentCommit.slice(0, 8)}-inferred`
}

const inferredUpstream = async (
  setup: InspectionSetup,
  state: GitRepoState,
  current: GitVersion,
  signal: AbortSignal,
): Promise<string> => {
  const count = current.inferred
    ? await countCommits(setup.git, state.upstreamCommit, signal)
    : state.commitsBehindCount + current.commits
  return `${current.tag}-${count}-inferred`
}

const withoutBareHash = (text: string): string => (isBareHash(text) ? '?' : text)

/** Without tags the versions are made up from counts, so that older and newer can still be told apart. */
const setVersions = async (
  setup: InspectionSetup,
  state: GitRepoState,
  described: readonly string[],
  signal: AbortSignal,
): Promise<void> => {
  const [currentText = '?', upstreamText = '?'] = described.map(withoutBareHash)
  const upstream = parseVersion(upstreamText)
  const shown = parseVersion(currentText).valid
    ? currentText
    : await inferredCurrent(setup, state, upstream, signal)
  const current = parseVersion(shown)
  state.currentVersion = state.dirty ? `${shown}-dirty` : shown
  state.upstreamVersion = upstreamText
  if (followsBranch(setup)) {
    if (!upstream.valid) state.upstreamVersion = await inferredUpstream(setup, state, current, signal)
  } else if (!upstream.valid || compareVersions(upstream, current) <= 0) {
    state.upstreamCommit = state.currentCommit
    state.upstreamVersion = upstream.valid ? upstreamText : shown
    state.commitsBehindCount = 0
  }
}

/** What was seen of the checkout. */
interface SeenHere {
  readonly tree: WorkingTree
  /** As they are now; null when they could not be read. */
  readonly refs: string | null
  /** What commits are named by; null when that cannot be told. */
  readonly naming: string | null
  /** Unix milliseconds. */
  readonly now: number
}

/** The two commits that everything is measured between. @throws when one of them is missing */
const readEnds = async (
  git: Git,
  state: GitRepoState,
  { tree, refs }: SeenHere,
  signal: AbortSignal,
): Promise<{ readonly head: string; readonly tip: string }> => {
  const tip = await commitOf(git, refs, tipOf(state), signal)
  if (tree.commit === null) throw new Error('The checkout has no commit')
  if (tip === null) throw noTip(state)
  return { head: tree.commit, tip }
}

/** How far the checkout is from where an upgrade would go. */
const readDistance = async (
  setup: InspectionSetup,
  state: GitRepoState,
  tip: string,
  behindTip: number,
  signal: AbortSignal,
): Promise<number> => {
  if (state.upstreamCommit === tip) return behindTip
  return (await countApart(setup.git, state.currentCommit, state.upstreamCommit, signal)).behind
}

/** Commits, versions and distance of the checkout and its upstream, into the state. @throws GitError */
export const readVersions = async (
  setup: InspectionSetup,
  state: GitRepoState,
  seen: SeenHere,
  signal: AbortSignal,
): Promise<void> => {
  const { git, options } = setup
  const { head, tip } = await readEnds(git, state, seen, signal)
  const needsTags = head !== tip || options.channel !== 'dev'
  const [apart, tags] = await Promise.all([
    head === tip ? { ahead: 0, behind: 0 } : countApart(git, head, tip, signal),
    needsTags ? readTags(git, tip, signal) : new Map<string, string>(),
  ])
  state.diverged = !state.detached && apart.ahead > 0
  state.currentCommit = head
  state.upstreamCommit = await findUpstream(setup, state, head, tip, tags, signal)
  const [described, behind] = await Promise.all([
    describeKnown(git, [head, state.upstreamCommit], seen, signal),
    readDistance(setup, state, tip, apart.behind, signal),
  ])
  state.commitsBehindCount = behind
  await setVersions(setup, state, described, signal)
  const range = `${head}..${state.upstreamCommit}`
  state.commitsBehind = state.commitsBehindCount > 0 ? await readCommits(git, range, tags, signal) : []
}
