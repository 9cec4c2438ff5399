import { MoonkeeperError } from '../../contract/error.js'
import { harmless } from '../../contract/text.js'
import type { Checkout } from './checkout.js'
import type { Git } from './git.js'
import { describe, isAncestor, resolveCommit } from './history.js'
import type { GitRepoState } from './state.js'
import { listedVersion, shortVersion } from './version.js'
import { tipOf } from './versions.js'

/** A version whose name people have seen. */
interface Known {
  readonly commit: string
  /** As git describe tells it. */
  readonly version: string
}

/** What a name may mean. Nothing else does, whatever git would make of it. */
interface Choice {
  readonly known: readonly Known[]
  readonly accept: (commit: string) => Promise<boolean>
}

type Reader = (git: Git, name: string, signal: AbortSignal) => Promise<readonly string[]>

const isHash = (text: string): boolean => /^[0-9a-f]{7,64}$/i.test(text)

/** What no ref can hold: git would read it as something else than a name. */
const isRefName = (text: string): boolean => !/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$/.test(text)

/** Word for word: rev-parse would take anything that ends like what git describe tells. */
const byTag: Reader = async (git, name, signal) => {
  if (!isRefName(name)) return []
  const shown = await git.attempt(['show-ref', '--verify', '--hash', '--', `refs/tags/${name}`], { signal })
  const id = shown.stdout.toString('utf8').trim()
  const commit = shown.code === 0 ? await resolveCommit(git, id, signal) : null
  return commit === null ? [] : [commit]
}

/** Commits whose id begins so: a branch or another object of that name is none. */
const byHash: Reader = async (git, name, signal) => {
  if (!isHash(name)) return []
  const listed = await git.attempt(['rev-parse', `--disambiguate=${name.toLowerCase()}`], { signal })
  const commits: string[] = []
  for (const id of listed.stdout.toString('utf8').split('\n').filter(isHash))
    if ((await resolveCommit(git, id, signal)) === id) commits.push(id)
  return commits
}

/** What git describe tells, word for word. */
const byDescription: Reader = async (git, name, signal) => {
  const hash = /-g([0-9a-f]{7,64})$/.exec(name)?.[1]
  const commits = hash === undefined ? [] : await byHash(git, hash, signal)
  if (commits.length === 0) return []
  const described = await describe(git, commits, signal)
  return commits.filter((_, index) => described[index] === name)
}

const namesOf = ({ version }: Known): readonly string[] =>
  [version, listedVersion(version), shortVersion(version)].filter((name) => name !== '?')

/** The commit that a name means; null when it means none, or more than one. */
const lookUp = async (
  git: Git,
  name: string,
  { known, accept }: Choice,
  signal: AbortSignal,
): Promise<string | null> => {
  const byKnownName: Reader = async () =>
    known.filter((one) => namesOf(one).includes(name)).map((one) => one.commit)
  for (const read of [byTag, byHash, byDescription, byKnownName]) {
    const accepted = new Set<string>()
    for (const commit of await read(git, name, signal)) if (await accept(commit)) accepted.add(commit)
    const [commit] = accepted
    if (commit !== undefined) return accepted.size === 1 ? commit : null
  }
  return null
}

/** What the status shows. */
const shownOf = (state: GitRepoState): readonly Known[] => [
  { commit: state.upstreamCommit, version: state.upstreamVersion },
  { commit: state.currentCommit, version: state.currentVersion },
]

/** The commit of a version that the remote is known to have; null when there is none. */
export const findOnRemote = async (
  { git }: Checkout,
  state: GitRepoState,
  name: string,
  signal: AbortSignal,
): Promise<string | null> => {
  const accept = async (commit: string): Promise<boolean> => isAncestor(git, commit, tipOf(state), signal)
  return lookUp(git, name, { known: shownOf(state), accept }, signal)
}

/** The one of some places that a name means; null when it means none of them. */
export const findPlace = async <Place extends Known>(
  { git }: Checkout,
  places: readonly Place[],
  name: string,
  signal: AbortSignal,
): Promise<Place | null> => {
  const accept = async (commit: string): Promise<boolean> => places.some((place) => place.commit === commit)
  const commit = await lookUp(git, name, { known: places, accept }, signal)
  return places.find((place) => place.commit === commit) ?? null
}

/** The commit of a version that the remote has, that is kept, or that is installed; null when there is none. */
export const findAnywhere = async (
  checkout: Checkout,
  state: GitRepoState,
  name: string,
  signal: AbortSignal,
): Promise<string | null> => {
  const found = await findOnRemote(checkout, state, name, signal)
  if (found !== null) return found
  const here = { commit: state.currentCommit, version: state.currentVersion }
  const places = [here, ...state.kept].filter(({ commit }) => commit !== '?')
  return (await findPlace(checkout, places, name, signal))?.commit ?? null
}

export const unknownVersion = (application: string, name: string): MoonkeeperError =>
  new MoonkeeperError(
    'unknown_version',
    `Git Repo ${application}: there is no version '${harmless(name)}', or several go by that name. ` +
      'What there is: machine.update.versions',
  )
