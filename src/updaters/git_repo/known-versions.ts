import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Git } from './git.js'
import type { InspectionSetup } from './inspection.js'
import type { Location } from './location.js'
import type { Remotes } from './remote.js'
import type { GitRepoState } from './state.js'
import { readVersions } from './versions.js'
import type { WorkingTree } from './working-tree.js'

/** Milliseconds. Damage deep in a history shows when it is read: a repository is not trusted for longer. */
const longestTrust = 3_600_000

/** All that readVersions finds out. */
const fields = [
  'diverged',
  'currentCommit',
  'upstreamCommit',
  'pinnedFound',
  'currentVersion',
  'upstreamVersion',
  'commitsBehind',
  'commitsBehindCount',
] as const

type Versions = Pick<GitRepoState, (typeof fields)[number]>

interface Known {
  readonly fingerprint: string
  readonly at: number
  readonly versions: Versions
}

/** Of each checkout, what was read last. */
const lastRead = new WeakMap<Git, Known>()

export interface Seen {
  readonly location: Location
  readonly remotes: Remotes
  readonly tree: WorkingTree
  /** Every ref; null when they could not be read: then nothing is remembered. */
  readonly refs: string | null
}

/** All that versions, commits and distances depend on: commits never change, but what names or hides them does. */
const fingerprintOf = async (
  { options, outside }: InspectionSetup,
  { detached, remote, branch, dirty }: GitRepoState,
  { location, remotes, tree, refs }: Seen,
): Promise<string> => {
  const hidden = ['shallow', 'info/grafts'].map((name) =>
    outside.files.readText(path.join(location.commonFolder, name)),
  )
  const place = [tree.commit, detached, remote, branch, dirty]
  const all = [
    refs,
    place,
    options.channel,
    options.pinned_commit,
    remotes.settings,
    await Promise.all(hidden),
  ]
  return createHash('sha256').update(JSON.stringify(all)).digest('hex')
}

/** readVersions; when nothing that they depend on has changed, what was read then is still so. @throws GitError */
export const readVersionsIfChanged = async (
  setup: InspectionSetup,
  state: GitRepoState,
  seen: Seen,
  signal: AbortSignal,
): Promise<void> => {
  const { git, outside } = setup
  const now = outside.clock.now()
  const fingerprint = await fingerprintOf(setup, state, seen)
  const known = lastRead.get(git)
  if (seen.refs !== null && known?.fingerprint === fingerprint && Math.abs(now - known.at) < longestTrust) {
    Object.assign(state, known.versions)
    return
  }
  lastRead.delete(git)
  await readVersions(setup, state, seen.tree, seen.refs, signal)
  const versions = Object.fromEntries(fields.map((field) => [field, state[field]])) as unknown as Versions
  lastRead.set(git, { fingerprint, at: now, versions })
}
