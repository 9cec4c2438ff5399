import { MoonkeeperError } from '../../contract/error.js'
import type { Asset, Release } from '../../releases/release.js'
import { assetForMachine } from './architecture.js'
import type { Place } from './place.js'
import type { KnownRelease, ReleaseState } from './state.js'

const known = ({ name, url, size, sha256 }: Asset, all: readonly Asset[]): KnownRelease['asset'] => {
  const signature = all.find((asset) => asset.name === `${name}.minisig`)?.url ?? null
  return url === null ? null : { name, url, size, sha256, signature }
}

/** Signatures and checksums are no applications. */
const isContent = ({ name }: Asset): boolean => !/\.(?:minisig|asc|sig|sha256|sha256sum|txt)$/i.test(name)

/** The one that the install names; without a name the first. An executable's is for this machine. */
const choose = (place: Place, wanted: string | null, assets: readonly Asset[]): Asset | undefined => {
  const named = assets.find(({ name }) => name === wanted)
  if (named !== undefined) return named
  if (place.type === 'executable') return assetForMachine(wanted ?? place.name, assets.filter(isContent))
  return wanted === null ? assets.find(isContent) : undefined
}

/** What people are shown: the release's name where that is a version (many are titles), else its tag. */
export const shownVersion = ({ name, tag }: Release): string => (/^v?\d[\w.+~-]*$/i.test(name) ? name : tag)

/** A release as it is kept. Where its asset is missing, that is told when it is wanted. */
export const knownRelease = (
  place: Place,
  { owner, project, assetName }: Pick<ReleaseState, 'owner' | 'project' | 'assetName'>,
  release: Release,
): KnownRelease => {
  const asset = choose(place, assetName, release.assets)
  return {
    tag: release.tag,
    version: shownVersion(release),
    prerelease: release.prerelease,
    published: release.published,
    notes: release.notes,
    repo: `${owner}/${project}`,
    asset: asset === undefined ? null : known(asset, release.assets),
    assets: release.assets.map(({ name }) => name),
  }
}

/** @throws refused, with the assets there are */
export const assetOf = (
  place: Place,
  state: ReleaseState,
  release: KnownRelease,
): NonNullable<KnownRelease['asset']> => {
  if (release.asset !== null) return release.asset
  const label = `${place.title} ${place.name}`
  // compat: Moonraker's words where there is nothing to list.
  if (release.assets.length === 0) throw new MoonkeeperError('refused', `${label}: Invalid download url`)
  const wanted = state.assetName === null ? 'no asset that fits' : `no asset '${state.assetName}'`
  throw new MoonkeeperError(
    'refused',
    `${label}: the release ${release.version} of ${release.repo} has ${wanted} that can be fetched. ` +
      `It has: ${release.assets.join(', ')}`,
  )
}
