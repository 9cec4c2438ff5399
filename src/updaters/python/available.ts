import type { Versions } from '../../contract/generated/types.js'
import { isPreRelease, isPythonVersion, isSamePythonVersion } from '../../python/versions.js'
import { readVirtualenv } from '../../python/virtualenv.js'
import { toolsOf, type PythonApplication } from './application.js'
import { listIndex } from './remote.js'
import { isInstalled, type PythonState } from './state.js'

type Version = Versions['versions'][number]
type Known = Pick<Version, 'version' | 'id' | 'date' | 'title'>

const fromIndex = async (application: PythonApplication, signal: AbortSignal): Promise<readonly Known[]> => {
  const virtualenv = await readVirtualenv(application.options.virtualenv, toolsOf(application))
  if (virtualenv === null || application.outside.isPrinting()) return []
  const pre = application.options.channel !== 'stable'
  const listed = (await listIndex(application, virtualenv, pre, signal)) ?? []
  return listed.map((version) => ({
    version,
    id: version,
    date: null,
    title: isPreRelease(version) ? 'pre-release' : '',
  }))
}

/** The most that a forge lists in one answer. */
const page = 100

const fromForge = async (
  { options, outside }: PythonApplication,
  { owner, project, remote }: PythonState,
  signal: AbortSignal,
): Promise<readonly Known[]> => {
  const releases = await outside.forge.list(owner, project, { limit: page }, signal)
  const tip =
    options.channel === 'dev' && remote.id !== ''
      ? [{ version: remote.version, id: remote.id, date: null, title: options.primary_branch ?? '' }]
      : []
  const wanted = releases.filter(
    ({ prerelease, tag }) => isPythonVersion(tag) && (options.channel !== 'stable' || !prerelease),
  )
  return [
    ...tip,
    ...wanted.map(({ tag, published, name }) => ({
      version: tag,
      id: tag,
      date: published === null ? null : published / 1000,
      title: name === tag ? '' : name,
    })),
  ]
}

const known = async (
  application: PythonApplication,
  state: PythonState,
  signal: AbortSignal,
): Promise<readonly Known[]> => {
  try {
    if (state.source === 'github') return await fromForge(application, state, signal)
    return await fromIndex(application, signal)
  } catch (thrown) {
    signal.throwIfAborted()
    application.outside.log.warn({ err: thrown }, 'the remote could not be asked for its versions')
    return []
  }
}

/** What can be had and what is kept. Without the network only what is kept. */
export const listVersions = async (
  application: PythonApplication,
  state: PythonState,
  { limit, offset }: { readonly limit: number; readonly offset: number },
  signal: AbortSignal,
): Promise<Versions> => {
  const found = await known(application, state, signal)
  const isKept = ({ id, version }: Known): boolean =>
    state.kept.some((one) => one.id === id || (id === version && isSamePythonVersion(one.version, version)))
  const apart = state.kept.filter(
    (one) => !found.some((other) => other.id === one.id || isSamePythonVersion(other.version, one.version)),
  )
  const all = [
    ...found.map((one) => ({ ...one, current: isInstalled(state, one), kept: isKept(one) })),
    ...apart.map(({ version, id }) => ({ version, id, date: null, title: '', current: false, kept: true })),
  ]
  return {
    versions: all.slice(offset, offset + limit),
    total: all.length,
    current: state.version === '?' ? null : (all.find(({ current }) => current)?.id ?? state.version),
    pinned: state.pin?.id ?? null,
  }
}
