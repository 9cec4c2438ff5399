import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import type { Goal, SurveyContext } from '../contract.js'
import { mountPointsIn } from '../../system/mounts.js'
import { assetOf, knownRelease } from './found-release.js'
import { folderProblem } from './install.js'
import { persistentOf, type Place } from './place.js'
import { isOlder } from './order.js'
import { pastPin } from '../past-pin.js'
import { keptFolder } from './steps/exchange.js'
import { readStaged, stagedFor } from './staged.js'
import { isInstalled, type KeptVersion, type KnownRelease, type ReleaseState, type Target } from './state.js'

export type Finding = { readonly target: Target } | { readonly nothing: string }

const label = ({ title, name }: Place): string => `${title} ${name}`

const unknown = (place: Place, version: string): MoonkeeperError =>
  new MoonkeeperError(
    'unknown_version',
    `${label(place)}: there is no version '${version}'. What there is: machine.update.versions`,
  )

/** What cannot be exchanged by a rename, or is not ours to exchange. @returns the folder's inode @throws refused */
const refuseOddFolder = async (place: Place): Promise<number> => {
  const { options, outside } = place
  const problem = await folderProblem(place)
  if (problem !== null)
    throw new MoonkeeperError('refused', `${label(place)}: ${problem} Nothing was changed.`)
  const [mounted] = place.type === 'executable' ? [] : await mountPointsIn(options.path, outside.files)
  if (mounted !== undefined) {
    throw new MoonkeeperError(
      'refused',
      `${label(place)}: ${mounted} is a mount point, and ${options.path} cannot be exchanged as long as it is. ` +
        `Nothing was changed. Mount it elsewhere, or let 'path' name a folder in it. Look at: findmnt ${mounted}`,
    )
  }
  const found = await outside.files.stat(options.path)
  return found?.ino ?? 0
}

const leadsOut = (at: string, target: string): boolean => {
  const relative = path.normalize(path.join(path.dirname(at), target))
  return path.isAbsolute(target) || relative === '..' || relative.startsWith('../')
}

/** What lies behind a link that leads out of the folder is not the application's to move. @throws refused */
const refuseBehindLink = async (place: Place, name: string): Promise<void> => {
  const { files } = place.outside
  for (let above = path.dirname(name); above !== '.'; above = path.dirname(above)) {
    const at = path.join(place.options.path, above)
    if ((await files.stat(at))?.isSymbolicLink() !== true) continue
    if (!leadsOut(above, (await files.readContent(at))?.toString() ?? '')) continue
    throw new MoonkeeperError(
      'refused',
      `${label(place)}: ${above} is a link out of ${place.options.path}, so ${name} cannot be moved with an update. ` +
        `Nothing was changed. Let persistent_files name the link itself: ${above}`,
    )
  }
}

/** Those of the persistent files that are there. */
const persistentHere = async (place: Place): Promise<string[]> => {
  if (place.type === 'executable') return []
  const here: string[] = []
  for (const name of persistentOf(place)) {
    if ((await place.outside.files.stat(path.join(place.options.path, name))) === null) continue
    await refuseBehindLink(place, name)
    here.push(name)
  }
  return here
}

/** Names the folder in which the old version is kept. A clock that was put back names none that is there. */
const freeStamp = async (place: Place): Promise<string> => {
  let stamp = place.outside.clock.now()
  while ((await place.outside.files.stat(keptFolder(place, { stamp: String(stamp) }))) !== null) stamp += 1
  return String(stamp)
}

const targetFor = async (
  place: Place,
  what: Pick<Target, 'version' | 'tag' | 'repo' | 'release' | 'from'>,
): Promise<Target> => ({
  ...what,
  dependencies: null,
  inode: await refuseOddFolder(place),
  persistent: await persistentHere(place),
  stamp: await freeStamp(place),
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
  const found = await place.source.find(place, state, version, signal)
  if (found === null) throw unknown(place, version)
  return found
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

/** An upgrade ends at the pin, also one that names its version. @throws pinned */
const refusePastPin = (place: Place, { pin }: ReleaseState, release: KnownRelease, version: string): void => {
  if (pin === null || release.tag === pin.tag || isOlder(release.version, pin.version)) return
  throw pastPin(label(place), version, pin.version, false)
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
  if (version !== null) refusePastPin(place, state, release, version)
  if (isInstalled(state, release)) return { nothing: '' }
  if ((await stagedFor(place, release)) === null) assetOf(place, state, release)
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

/** Where a rollback goes without a name for it; null when that is where it is. @throws refused */
const usualRollback = ({
  valid,
  version,
  rollback,
}: ReleaseState): NonNullable<ReleaseState['rollback']> | null => {
  // compat: the code that Moonraker sends here is none of HTTP's (shared/compat, point 3).
  if (rollback === null && !valid) throw new MoonkeeperError('refused', 'Incomplete Rollback Data')
  return rollback?.version === version ? null : rollback
}

const surveyRollback = async (
  place: Place,
  state: ReleaseState,
  version: string | null,
  context: SurveyContext,
): Promise<Finding> => {
  if (version === null && usualRollback(state) === null) return { nothing: '' }
  if (!state.valid && place.type === 'executable')
    throw new MoonkeeperError('not_valid', `${label(place)}: Invalid install detected, aborting rollback`)
  const here = keptFor(state, version)
  const isKept = here !== null && (await place.outside.files.stat(here.folder)) !== null
  const release = isKept ? null : await farRelease(place, state, version, context.signal)
  context.progress(`${label(place)}: Rolling Back...`)
  if (release !== null) return { target: await releaseTarget(place, release) }
  return here === null ? { nothing: '' } : { target: await keptTarget(place, here) }
}

/** Which release a version that is not kept is. */
const farTag = (
  state: ReleaseState,
  version: string | null,
): { readonly repo: string; readonly tag: string } => {
  const { rollback } = state
  if (rollback !== null && (version === null || version === rollback.version || version === rollback.tag))
    return { repo: rollback.repo, tag: rollback.tag ?? rollback.version }
  return { repo: `${state.owner}/${state.project}`, tag: version ?? '' }
}

/** A version that is not kept comes from the forge again. @throws unknown_version, with what is kept */
const farRelease = async (
  place: Place,
  state: ReleaseState,
  version: string | null,
  signal: AbortSignal,
): Promise<KnownRelease> => {
  const { repo, tag } = farTag(state, version)
  const staged = (await readStaged(place))?.release
  if (staged?.tag === tag && staged.repo === repo) return staged
  const [owner = '', project = ''] = repo.split('/')
  const found = await place.outside.forge.byTag(owner, project, tag, signal)
  if (found === null) {
    const names = state.kept.map((one) => one.version).join(', ')
    throw new MoonkeeperError(
      'unknown_version',
      `${label(place)}: the version '${tag}' is not kept, and no release of ${repo}. Kept are: ${names || 'none'}`,
    )
  }
  const release = knownRelease(place, { owner, project, assetName: state.assetName }, found)
  assetOf(place, state, release)
  return release
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
