import type { Versions } from '../../contract/generated/types.js'
import type { Release } from '../../releases/release.js'
import type { Place } from './place.js'
import { shownVersion } from './found-release.js'
import { isInstalled, type ReleaseState } from './state.js'

type Version = Versions['versions'][number]

const fromForge = (state: ReleaseState, release: Release): Version => {
  const { tag, name, published, prerelease } = release
  const version = shownVersion(release)
  return {
    version,
    id: tag,
    date: published === null ? null : published / 1000,
    title: name !== version ? name : prerelease ? 'pre-release' : '',
    current: isInstalled(state, { tag, version }),
    kept: state.kept.some((one) => one.version === version || one.version === tag || one.tag === tag),
  }
}

const fromKept = ({ version, tag }: ReleaseState['kept'][number]): Version => ({
  version,
  id: tag ?? version,
  date: null,
  title: '',
  current: false,
  kept: true,
})

/** The most that a forge lists in one answer. */
const page = 100

/** What can be had and what is kept. Without the network only what is kept. */
export const listVersions = async (
  { options, outside }: Place,
  state: ReleaseState,
  { limit, offset }: { readonly limit: number; readonly offset: number },
  signal: AbortSignal,
): Promise<Versions> => {
  const listed = await outside.forge
    .list(state.owner, state.project, { limit: page }, signal)
    .catch((thrown: unknown) => {
      signal.throwIfAborted()
      outside.log.warn({ err: thrown }, 'the forge could not be asked for its releases')
      return []
    })
  const wanted = listed.filter((release) => options.channel === 'beta' || !release.prerelease)
  const known = wanted.map((release) => fromForge(state, release))
  const apart = state.kept
    .filter(
      (one) => !known.some(({ version, id }) => version === one.version || id === (one.tag ?? one.version)),
    )
    .map(fromKept)
  const all = [...known, ...apart]
  return {
    versions: all.slice(offset, offset + limit),
    total: all.length,
    current: state.version === '?' ? null : (all.find(({ current }) => current)?.id ?? state.version),
    pinned: state.pin?.tag ?? null,
  }
}
