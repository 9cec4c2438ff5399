import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import type { Goal, SurveyContext } from '../contract.js'
import { assetOf, knownRelease } from './found-release.js'
import { persistentOf, type Place } from './place.js'
import { stagedFor } from './staging.js'
import type { KeptVersion, KnownRelease, ReleaseState, Target } from './state.js'

export type Finding = { readonly target: Target } | { readonly nothing: string }

const label = ({ title, name }: Place): string => `${title} ${name}`

const unknown = (place: Place, version: string): MoonkeeperError =>
  new MoonkeeperError(
    'unknown_version',
    `${label(place)}: there is no version '${version}'. What there is: machine.update.versions`,
  )

/** A mount point or a link cannot be exchanged by a rename. @throws refused */
const refuseOddFolder = async ({ options, outside, ...place }: Place): Promise<number> => {
  const found = await outside.files.stat(options.path)
  const above = await outside.files.stat(path.dirname(options.path))
  if (found?.isDirectory() !== true || found.dev !== above?.dev) {
    throw new MoonkeeperError(
      'refused',
      `${place.title} ${place.name}: ${options.path} is a link or a mount point, which cannot be exchanged in one ` +
        `step. Let the option 'path' name a folder in it. Look at: findmnt --target ${options.path}`,
    )
  }
  return found.ino
}

/** Those of the persistent files that are there. */
const persistentHere = async (place: Place): Promise<string[]> => {
  if (place.type === 'executable') return []
  const here: string[] = []
  for (const name of persistentOf(place)) {
    if ((await place.outside.files.stat(path.join(place.options.path, name))) !== null) here.push(name)
  }
  return here
}

const targetFor = async (
  place: Place,
  what: Pick<Target, 'version' | 'tag' | 'repo' | 'release' | 'from'>,
): Promise<Target> => ({
  ...what,
  inode: await refuseOddFolder(place),
  persistent: await persistentHere(place),
  stamp: String(place.outside.clock.now()),
})

const releaseTarget = (place: Place, release: KnownRelease): Promise<Target> => {
  const { version, tag, repo } = release
  return targetFor(place, { version, tag, repo, release, from: null })
}

const keptTarget = (place: Place, { version, tag, repo, folder }: KeptVersion): Promise<Target> =>
  targetFor(place, { version, tag, repo, release: null, from: folder })

/** The release that a name means, by its tag or by what it is called. @throws unknown_version */
export const findRelease = async (
  place: Place,
  state: ReleaseState,
  version: string,
  signal: AbortSignal,
): Promise<KnownRelease> => {
  const { remote } = state
  if (remote !== null && (remote.tag === version || remote.version === version)) return remote
  const found = await place.outside.forge.byTag(state.owner, state.project, version, signal)
  if (found === null) throw unknown(place, version)
  return knownRelease(place, state, found)
}

/** What an upgrade goes to. @throws unknown_version, not_valid, remote_failed */
const wanted = async (
  place: Place,
  state: ReleaseState,
  version: string | null,
  signal: AbortSignal,
): Promise<KnownRelease> => {
  const name = version ?? state.pin?.tag ?? null
  if (name !== null) return findRelease(place, state, name, signal)
  if (state.remote !== null) return state.remote
  const why = state.lastError === '' ? '' : ` (${state.lastError})`
  throw new MoonkeeperError('not_valid', `${label(place)}: Unable to locate update${why}`)
}

const surveyUpgrade = async (
  place: Place,
  state: ReleaseState,
  version: string | null,
  context: SurveyContext,
): Promise<Finding> => {
  if (!state.valid) {
    throw new MoonkeeperError('not_valid', `${label(place)}: Invalid install detected, aborting update`)
  }
  const release = await wanted(place, state, version, context.signal)
  if (release.version === state.version || release.tag === state.version) return { nothing: '' }
  if ((await stagedFor(place, state, release)) === null) assetOf(place, state, release)
  context.progress(`${label(place)}: Updating...`)
  return { target: await releaseTarget(place, release) }
}

/** The kept version that a name means; null when none does. */
const keptFor = ({ kept, rollback }: ReleaseState, version: string | null): KeptVersion | null =>
  kept.find((one) =>
    version === null
      ? one.version === rollback?.version && one.repo === rollback.repo
      : one.version === version || one.tag === version,
  ) ?? null

const surveyRollback = async (
  place: Place,
  state: ReleaseState,
  version: string | null,
  context: SurveyContext,
): Promise<Finding> => {
  const { rollback } = state
  // compat: the code that Moonraker sends here is none of HTTP's (shared/compat, point 3).
  if (version === null && rollback === null) throw new MoonkeeperError('refused', 'Incomplete Rollback Data')
  if (version === null && rollback?.version === state.version) return { nothing: '' }
  const here = keptFor(state, version)
  if (here !== null && (await place.outside.files.stat(here.folder)) !== null) {
    context.progress(`${label(place)}: Rolling Back...`)
    return { target: await keptTarget(place, here) }
  }
  if (version !== null) {
    const names = state.kept.map((one) => one.version).join(', ')
    throw new MoonkeeperError(
      'unknown_version',
      `${label(place)}: the version '${version}' is not kept. Kept are: ${names === '' ? 'none' : names}`,
    )
  }
  return surveyFarRollback(place, state, context)
}

/** A version that is not kept comes from the forge again. */
const surveyFarRollback = async (
  place: Place,
  state: ReleaseState,
  context: SurveyContext,
): Promise<Finding> => {
  const { rollback } = state
  const [owner = '', project = ''] = (rollback?.repo ?? '').split('/')
  const tag = rollback?.tag ?? rollback?.version ?? ''
  const found = await place.outside.forge.byTag(owner, project, tag, context.signal)
  if (found === null) throw unknown(place, tag)
  const release = { ...knownRelease(place, state, found), repo: `${owner}/${project}` }
  assetOf(place, state, release)
  context.progress(`${label(place)}: Rolling Back...`)
  return { target: await releaseTarget(place, release) }
}

/** The I/O before a plan. @throws not_valid, refused, unknown_version, remote_failed, rate_limited */
export const survey = async (
  place: Place,
  state: ReleaseState,
  goal: Goal,
  context: SurveyContext,
): Promise<Finding> => {
  switch (goal.kind) {
    case 'upgrade':
      return surveyUpgrade(place, state, goal.version, context)
    case 'rollback':
      return surveyRollback(place, state, goal.version, context)
    case 'recover':
      throw new MoonkeeperError('not_supported', `Updater ${place.name} is not a Git Repo Type`)
  }
}
