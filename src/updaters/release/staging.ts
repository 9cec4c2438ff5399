import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import { unpack } from '../../releases/archive.js'
import { maxSignatureSize, parsePublicKey, verifySignature } from '../../releases/minisign.js'
import { StatusAnswer } from '../../system/http.js'
import { openFile } from '../../system/open-file.js'
import type { PrepareContext } from '../contract.js'
import { executableProblem } from './architecture.js'
import { assetOf } from './found-release.js'
import { readClaim } from './install.js'
import type { Place } from './place.js'
import { dropStaged, noteStaged, stagedFolder, tidyHold, type StagedRelease } from './staged.js'
import type { KnownRelease, ReleaseState } from './state.js'

const kib = (bytes: number): number => Math.floor(bytes / 1024)

const labelOf = ({ title, name }: Place): string => `${title} ${name}`

/** Fails with Moonraker's words where the forge answered with an error: front ends and scripts know them. */
const asTold = (thrown: unknown): unknown => {
  if (!(thrown instanceof MoonkeeperError) || !(thrown.cause instanceof StatusAnswer)) return thrown
  return new MoonkeeperError('http_failed', thrown.cause.message, thrown)
}

/** compat: how front ends show a download. */
const tellDownload =
  ({ name }: Place, { progress }: PrepareContext) =>
  (bytes: number, total: number | null): void => {
    const percent = total === null || total === 0 ? 100 : Math.floor((bytes / total) * 100)
    const line = `Downloading ${name}: ${kib(bytes)} KiB / ${kib(total ?? bytes)} KiB [${percent}%]`
    progress(line, percent / 100)
  }

const archiveIn = ({ hold }: Place): string => path.join(hold, 'download')
const signatureIn = ({ hold }: Place): string => path.join(hold, 'signature')

const download = async (
  place: Place,
  asset: NonNullable<KnownRelease['asset']>,
  context: PrepareContext,
): Promise<void> => {
  const fetching = place.outside.downloads.fetch({
    url: asset.url,
    target: archiveIn(place),
    size: asset.size,
    sha256: asset.sha256,
    signal: context.signal,
    progress: tellDownload(place, context),
  })
  await fetching.catch((thrown: unknown) => {
    throw asTold(thrown)
  })
}

const readSignature = async (
  place: Place,
  { signature }: NonNullable<KnownRelease['asset']>,
  signal: AbortSignal,
): Promise<string | null> => {
  if (signature === null) return null
  const { downloads, files } = place.outside
  const target = signatureIn(place)
  const fetching = downloads.fetch({ url: signature, target, signal, limits: { maxSize: maxSignatureSize } })
  await fetching.catch((thrown: unknown) => {
    throw asTold(thrown)
  })
  return files.readText(target)
}

/** With a key named, nothing is installed that is not signed by it. @throws bad_signature */
const verify = async (
  place: Place,
  { version }: KnownRelease,
  asset: NonNullable<KnownRelease['asset']>,
  { signal }: PrepareContext,
): Promise<void> => {
  const keys = place.outside.signingKeys.map(parsePublicKey)
  if (keys.length === 0) return
  const signature = await readSignature(place, asset, signal)
  const file = await openFile(archiveIn(place))
  try {
    await verifySignature({ file, name: `${place.name} ${version}`, signature, keys }, signal)
  } finally {
    await file.close()
  }
}

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
  await download(place, asset, context)
  await verify(place, release, asset, context)
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
