import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import { unpack } from '../../releases/archive.js'
import { openFile } from '../../system/open-file.js'
import type { PrepareContext } from '../contract.js'
import { executableProblem } from './architecture.js'
import { signatureIn } from './forge-source.js'
import { assetOf } from './found-release.js'
import { readClaim } from './install.js'
import type { Place } from './place.js'
import { dropStaged, noteStaged, stagedFolder, tidyHold, type StagedRelease } from './staged.js'
import type { KnownRelease, ReleaseState } from './state.js'

const kib = (bytes: number): number => Math.floor(bytes / 1024)

const labelOf = ({ title, name }: Place): string => `${title} ${name}`

const archiveIn = ({ hold }: Place): string => path.join(hold, 'download')

const refusal = (place: Place, { version, repo }: KnownRelease, why: string): MoonkeeperError =>
  new MoonkeeperError(
    'bad_archive',
    `${labelOf(place)}: the release ${version} of ${repo} ${why}. Nothing was changed.`,
  )

/** What was unpacked must be the project it is taken for. @returns the version it says @throws bad_archive */
const validateTree = async (place: Place, release: KnownRelease): Promise<string | null> => {
  const claim = await readClaim(place, stagedFolder(place))
  if (claim === null) throw refusal(place, release, 'has no release_info.json that tells what it is')
  const found = `${claim.owner}/${claim.project}`
  if (found.toLowerCase() !== release.repo.toLowerCase()) throw refusal(place, release, `is of ${found}`)
  return claim.version
}

const stageTree = async (
  place: Place,
  release: KnownRelease,
  context: PrepareContext,
): Promise<string | null> => {
  const tell = (bytes: number, total: number): void => {
    if (bytes === total) return
    context.progress(`Extracting ${place.name}: ${kib(bytes)} KiB / ${kib(total)} KiB`)
  }
  await unpack({
    archive: archiveIn(place),
    folder: stagedFolder(place),
    signal: context.signal,
    progress: quarters(tell),
  })
  return validateTree(place, release)
}

/** A large archive is told of a few times, a small one never. */
const quarters = (tell: (bytes: number, total: number) => void): ((bytes: number, total: number) => void) => {
  let told = 0
  return (bytes, total) => {
    const quarter = total < 32 * 1024 * 1024 ? 0 : Math.floor((bytes / total) * 4)
    if (quarter <= told) return
    told = quarter
    tell(bytes, total)
  }
}

const refuseForeignProgram = async (place: Place, release: KnownRelease): Promise<void> => {
  const file = await openFile(archiveIn(place))
  try {
    const problem = await executableProblem(file)
    if (problem !== null) throw refusal(place, release, `cannot be used: ${problem}`)
  } finally {
    await file.close()
  }
}

const stageProgram = async (place: Place, release: KnownRelease): Promise<string | null> => {
  await refuseForeignProgram(place, release)
  const { files } = place.outside
  const program = path.join(stagedFolder(place), 'program')
  await files.makeFolder(stagedFolder(place))
  await files.rename(archiveIn(place), program)
  await files.setMode(program, 0o755)
  return null
}

const fetchAndUnpack = async (
  place: Place,
  state: ReleaseState,
  release: KnownRelease,
  context: PrepareContext,
): Promise<StagedRelease> => {
  const asset = assetOf(place, state, release)
  await place.source.bring({ place, release, asset, target: archiveIn(place), context })
  context.progress(`${labelOf(place)}: Download Complete, extracting release to '${place.options.path}'`)
  const make = place.type === 'executable' ? stageProgram : stageTree
  return noteStaged(place, release, await make(place, release, context))
}

/** Removes everything but what came of a download that was cut. */
const clear = async (place: Place): Promise<void> => {
  const { files } = place.outside
  await dropStaged(place)
  for (const target of [archiveIn(place), signatureIn(place)]) await files.remove(target)
}

/** Downloads, verifies and unpacks a release beside the application. @throws what a release can be refused for */
export const stage = async (
  place: Place,
  state: ReleaseState,
  release: KnownRelease,
  context: PrepareContext,
): Promise<StagedRelease> => {
  const { files, downloads, log } = place.outside
  context.progress(`${labelOf(place)}: Downloading Release...`)
  await files.makeFolder(place.hold)
  try {
    await clear(place)
    const staged = await fetchAndUnpack(place, state, release, context)
    for (const target of [archiveIn(place), signatureIn(place)]) await files.remove(target)
    await downloads.discard(signatureIn(place))
    return staged
  } catch (thrown) {
    try {
      await clear(place)
      await downloads.discard(signatureIn(place))
      await tidyHold(place)
    } catch (failure) {
      log.warn({ err: failure }, 'what was staged could not be removed')
    }
    throw thrown
  }
}

/** Drops what was staged and what an interrupted download left. */
export const discardStaged = async (place: Place): Promise<void> => {
  await clear(place)
  for (const target of [archiveIn(place), signatureIn(place)]) await place.outside.downloads.discard(target)
  await tidyHold(place)
}
