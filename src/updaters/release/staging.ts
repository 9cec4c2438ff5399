import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import { unpack } from '../../releases/archive.js'
import { maxSignatureSize, parsePublicKey, verifySignature } from '../../releases/minisign.js'
import { openFile } from '../../system/open-file.js'
import type { PrepareContext } from '../contract.js'
import { executableProblem } from './architecture.js'
import { assetOf } from './found-release.js'
import { readClaim } from './install.js'
import type { Place } from './place.js'
import type { KnownRelease, ReleaseState } from './state.js'

type Staged = NonNullable<ReleaseState['staged']>

const kib = (bytes: number): number => Math.floor(bytes / 1024)

/** compat: how front ends show a download. */
const tellDownload =
  ({ name }: Place, { progress }: PrepareContext) =>
  (bytes: number, total: number | null): void => {
    const percent = total === null || total === 0 ? 100 : Math.floor((bytes / total) * 100)
    const line = `Downloading ${name}: ${kib(bytes)} KiB / ${kib(total ?? bytes)} KiB [${percent}%]`
    progress(line, percent / 100)
  }

const download = async (
  place: Place,
  state: ReleaseState,
  release: KnownRelease,
  context: PrepareContext,
): Promise<string> => {
  const asset = assetOf(place, state, release)
  const target = path.join(place.hold, 'download')
  await place.outside.downloads.fetch({
    url: asset.url,
    target,
    size: asset.size,
    sha256: asset.sha256,
    signal: context.signal,
    progress: tellDownload(place, context),
  })
  return target
}

/** With a key named, nothing is installed that is not signed by it. @throws bad_signature */
const verify = async (
  place: Place,
  release: KnownRelease,
  file: string,
  { signal }: PrepareContext,
): Promise<void> => {
  const keys = place.outside.signingKeys.map(parsePublicKey)
  if (keys.length === 0) return
  const signature = await readSignature(place, release, signal)
  const opened = await openFile(file)
  try {
    await verifySignature({ file: opened, name: `${place.name} ${release.version}`, signature, keys }, signal)
  } finally {
    await opened.close()
  }
}

const readSignature = async (
  { hold, outside }: Place,
  { asset }: KnownRelease,
  signal: AbortSignal,
): Promise<string | null> => {
  if (asset === null || asset.signature === null) return null
  const target = path.join(hold, 'signature')
  await outside.downloads.fetch({
    url: asset.signature,
    target,
    signal,
    limits: { maxSize: maxSignatureSize },
  })
  const text = await outside.files.readText(target)
  await outside.files.remove(target)
  return text
}

/** What was unpacked must be the project it is taken for. @throws bad_archive */
const validateTree = async (place: Place, release: KnownRelease, folder: string): Promise<void> => {
  const claim = await readClaim(place, folder)
  const found = claim === null ? null : `${claim.owner}/${claim.project}`
  if (found?.toLowerCase() === release.repo.toLowerCase()) return
  const what = found === null ? 'has no release_info.json that tells what it is' : `is of ${found}`
  throw new MoonkeeperError(
    'bad_archive',
    `${place.title} ${place.name}: the release ${release.version} of ${release.repo} ${what}. Nothing was changed.`,
  )
}

const stageTree = async (
  place: Place,
  release: KnownRelease,
  archive: string,
  context: PrepareContext,
): Promise<string> => {
  const folder = path.join(place.hold, 'staged')
  await place.outside.files.remove(folder)
  context.progress(
    `${place.title} ${place.name}: Download Complete, extracting release to '${place.options.path}'`,
  )
  const tell = (bytes: number, total: number): void => {
    if (bytes === total) return
    context.progress(`Extracting ${place.name}: ${kib(bytes)} KiB / ${kib(total)} KiB`)
  }
  await unpack({ archive, folder, signal: context.signal, progress: quarters(tell) })
  await validateTree(place, release, folder)
  return folder
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

const stageProgram = async (
  place: Place,
  release: KnownRelease,
  file: string,
  context: PrepareContext,
): Promise<string> => {
  const opened = await openFile(file)
  try {
    const problem = await executableProblem(opened)
    if (problem !== null) {
      throw new MoonkeeperError(
        'bad_archive',
        `${place.title} ${place.name}: the release ${release.version} cannot be used: ${problem}. Nothing was changed.`,
      )
    }
  } finally {
    await opened.close()
  }
  context.progress(
    `${place.title} ${place.name}: Download Complete, extracting release to '${place.options.path}'`,
  )
  const staged = path.join(place.hold, 'staged')
  await place.outside.files.remove(staged)
  await place.outside.files.makeFolder(staged)
  const program = path.join(staged, 'program')
  await place.outside.files.rename(file, program)
  await place.outside.files.setMode(program, 0o755)
  return staged
}

/** What was staged for the release already; null when there is nothing of the kind. */
export const stagedFor = async (
  { outside }: Place,
  { staged }: ReleaseState,
  release: KnownRelease,
): Promise<Staged | null> => {
  if (staged === null || staged.tag !== release.tag || staged.repo !== release.repo) return null
  return (await outside.files.stat(staged.path))?.ino === staged.inode ? staged : null
}

/** Downloads, verifies and unpacks a release beside the application. @throws what a release can be refused for */
export const stage = async (
  place: Place,
  state: ReleaseState,
  release: KnownRelease,
  context: PrepareContext,
): Promise<Staged> => {
  const { files } = place.outside
  context.progress(`${place.title} ${place.name}: Downloading Release...`)
  await files.makeFolder(place.hold)
  const archive = await download(place, state, release, context)
  await verify(place, release, archive, context)
  const make = place.type === 'executable' ? stageProgram : stageTree
  const staged = await make(place, release, archive, context)
  await files.remove(archive)
  const inode = (await files.stat(staged))?.ino ?? 0
  return { tag: release.tag, repo: release.repo, path: staged, inode }
}

/** Drops what was staged and what an interrupted download left. */
export const discardStaged = async ({ hold, outside }: Place): Promise<void> => {
  const archive = path.join(hold, 'download')
  await outside.downloads.discard(archive)
  for (const target of [archive, path.join(hold, 'staged'), path.join(hold, 'signature')])
    await outside.files.remove(target)
}
