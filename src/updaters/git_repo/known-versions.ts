import { createHash } from 'node:crypto'
import path from 'node:path'
import { longestTrust } from './descriptions.js'
import type { Git } from './git.js'
import type { InspectionSetup } from './inspection.js'
import type { Location } from './location.js'
import type { Remotes } from './remote.js'
import type { GitRepoState } from './state.js'
import { readVersions } from './versions.js'
import type { WorkingTree } from './working-tree.js'

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

const hashOf = (facts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(facts)).digest('hex')

/** What hides commits, or makes them look like others. */
const readHidden = (outside: InspectionSetup['outside'], location: Location): Promise<unknown> =>
  Promise.all(
    ['shallow', 'info/grafts'].map((name) => outside.files.readText(path.join(location.commonFolder, name))),
  )

/** All that versions, commits and distances depend on: commits never change, but what names or hides them does. */
const fingerprintOf = (
  { options }: InspectionSetup,
  { detached, remote, branch, dirty }: GitRepoState,
  { remotes, tree, refs }: Seen,
  hidden: unknown,
): string => {
  const place = [tree.commit, detached, remote, branch, dirty]
  return hashOf([refs, place, options.channel, options.pinned_commit, remotes.settings, hidden])
}

/** Refs that give no commit a name. */
const isNameless = (line: string): boolean => / refs\/(?:heads|remotes|moonkeeper|stash)(?:\/|$)/.test(line)

/** All that `git describe` depends on. */
const namingOf = ({ refs, remotes }: Seen, hidden: unknown): string | null =>
  refs === null
    ? null
    : hashOf([refs.split('\n').filter((line) => !isNameless(line)), remotes.settings, hidden])

/** readVersions; when nothing that they depend on has changed, what was read then is still so. @throws GitError */
export const readVersionsIfChanged = async (
  setup: InspectionSetup,
  state: GitRepoState,
  seen: Seen,
  signal: AbortSignal,
): Promise<void> => {
  const { git, outside } = setup
  const now = outside.clock.now()
  const hidden = await readHidden(outside, seen.location)
  const fingerprint = fingerprintOf(setup, state, seen, hidden)
  const known = lastRead.get(git)
  if (seen.refs !== null && known?.fingerprint === fingerprint && Math.abs(now - known.at) < longestTrust) {
    Object.assign(state, known.versions)
    return
  }
  lastRead.delete(git)
  await readVersions(setup, state, { ...seen, naming: namingOf(seen, hidden), now }, signal)
  const versions = Object.fromEntries(fields.map((field) => [field, state[field]])) as unknown as Versions
  lastRead.set(git, { fingerprint, at: now, versions })
}
