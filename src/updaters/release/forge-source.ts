import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import { maxSignatureSize, parsePublicKey, verifySignature } from '../../releases/minisign.js'
import { StatusAnswer } from '../../system/http.js'
import { openFile } from '../../system/open-file.js'
import type { PrepareContext } from '../contract.js'
import { knownRelease } from './found-release.js'
import type { Place } from './place.js'
import type { Bringing, ReleaseSource } from './source.js'
import { readStaged } from './staged.js'

const kib = (bytes: number): number => Math.floor(bytes / 1024)

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

/** Where a signature is brought to. */
export const signatureIn = ({ hold }: Place): string => path.join(hold, 'signature')

const download = async ({ place, asset, target, context }: Bringing): Promise<void> => {
  const fetching = place.outside.downloads.fetch({
    url: asset.url,
    target,
    size: asset.size,
    sha256: asset.sha256,
    signal: context.signal,
    progress: tellDownload(place, context),
  })
  await fetching.catch((thrown: unknown) => {
    throw asTold(thrown)
  })
}

const readSignature = async ({ place, asset: { signature }, context }: Bringing): Promise<string | null> => {
  if (signature === null) return null
  const { downloads, files } = place.outside
  const target = signatureIn(place)
  const fetching = downloads.fetch({
    url: signature,
    target,
    signal: context.signal,
    limits: { maxSize: maxSignatureSize },
  })
  await fetching.catch((thrown: unknown) => {
    throw asTold(thrown)
  })
  return files.readText(target)
}

/** With a key named, nothing is installed that is not signed by it. @throws bad_signature */
const verify = async (bringing: Bringing): Promise<void> => {
  const { place, release, target, context } = bringing
  const keys = place.outside.signingKeys.map(parsePublicKey)
  if (keys.length === 0) return
  const signature = await readSignature(bringing)
  const file = await openFile(target)
  try {
    await verifySignature({ file, name: `${place.name} ${release.version}`, signature, keys }, context.signal)
  } finally {
    await file.close()
  }
}

/** The forge that the configuration names. What it was asked already, or is staged, it is not asked again. */
export const forgeSource: ReleaseSource = {
  isHere: false,
  async find(place, state, name, signal) {
    const here = [state.remote, (await readStaged(place))?.release ?? null]
    const known = here.find((one) => one !== null && (one.tag === name || one.version === name))
    if (known) return known
    const found = await place.outside.forge.byTag(state.owner, state.project, name, signal)
    return found === null ? null : knownRelease(place, state, found)
  },
  async bring(bringing) {
    await download(bringing)
    await verify(bringing)
  },
}
