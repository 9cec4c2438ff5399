import { arch } from 'node:os'
import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import type { ImagePart } from '../../images/build.js'
import { openFile } from '../../system/open-file.js'
import type { PrepareContext } from '../contract.js'
import { isMachineCode } from './architecture.js'
import { signatureIn } from './forge-source.js'
import { assetOf } from './found-release.js'
import type { Place } from './place.js'
import { tidyHold } from './staged.js'
import type { ReleaseState } from './state.js'

/** null: it runs anywhere. */
const architectureOf = async (place: Place, file: string): Promise<string | null> => {
  if (place.type !== 'executable') return null
  const opened = await openFile(file)
  try {
    return (await isMachineCode(opened)) ? arch() : null
  } finally {
    await opened.close()
  }
}

/** The asset of the installed release, from its forge again: what was unpacked of it is not what was signed. */
export const packRelease = async (
  place: Place,
  state: ReleaseState,
  folder: string,
  context: PrepareContext,
): Promise<ImagePart> => {
  const { name, title, source, outside } = place
  const { version } = state
  const label = `${title} ${name}`
  if (!state.valid)
    throw new MoonkeeperError(
      'not_valid',
      `${label} cannot be put into an image. Look at its warnings in the status`,
    )
  const release = await source.find(place, state, state.tag ?? version, context.signal)
  if (release === null)
    throw new MoonkeeperError(
      'unknown_version',
      `${label} cannot be put into an image: its forge has no ${version}`,
    )
  const asset = assetOf(place, state, release)
  const target = path.join(folder, 'asset')
  try {
    await source.bring({ place, release, asset, target, context })
  } finally {
    await outside.files.remove(signatureIn(place))
    await tidyHold(place)
  }
  return {
    application: {
      name,
      type: place.type,
      version,
      id: release.tag,
      source: release.repo,
      architecture: await architectureOf(place, target),
      branch: null,
      release,
    },
    files: [{ name: asset.name, file: target }],
  }
}
