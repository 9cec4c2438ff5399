import type { PythonState, StagedPackages } from '../../contract/generated/types.js'
import { PythonState as validate } from '../../contract/generated/validators.js'
import { isNewerPythonVersion, isSamePythonVersion } from '../../python/versions.js'
import type { Json } from '../contract.js'

export type { PythonState, StagedPackages }
export type Target = NonNullable<PythonState['target']>
export type Wanted = Target['goal']
export type KeptVersion = PythonState['kept'][number]
export type Remote = PythonState['remote']

export const unknownRemote: Remote = { version: '?', id: '', hash: '?', published: null }

/** Nothing known yet: unknown texts are "?". */
export const unknownState = (): PythonState => ({
  looked: false,
  valid: false,
  source: 'unknown',
  url: '',
  owner: '?',
  project: '?',
  version: '?',
  commit: '?',
  dirty: false,
  changelog: '',
  problem: null,
  warnings: [],
  remote: unknownRemote,
  failure: '',
  rollback: null,
  kept: [],
  pin: null,
  target: null,
})

/** What was saved, or nothing known when it is not understood (another version of Moonkeeper wrote it). */
export const readState = (saved: Json): PythonState =>
  validate(saved) ? (saved as unknown as PythonState) : unknownState()

/** What names the installed version exactly: a commit, where it was made of one that can be had again. */
export const installedId = ({ source, version, commit }: PythonState): string =>
  source === 'github' ? commit : version

/** True when it is what is installed. */
export const isInstalled = (state: PythonState, { version, id }: Pick<Wanted, 'version' | 'id'>): boolean =>
  id === installedId(state) ||
  (id !== state.commit && !isCommit(id) && isSamePythonVersion(version, state.version))

export const isCommit = (text: string): boolean => /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(text)

/** What an upgrade would bring: the pin, or what was offered last; null when that is nothing new. */
export const offered = (state: PythonState): Wanted | null => {
  if (state.pin !== null) return isInstalled(state, state.pin) ? null : state.pin
  const { version, id } = state.remote
  if (id === '' || isInstalled(state, state.remote)) return null
  if (isCommit(id)) return { version, id, ref: id }
  if (!isNewerPythonVersion(version, state.version)) return null
  return { version, id, ref: state.source === 'github' ? id : null }
}

/** What is asked for to have the installed version once more; of what is not known any version. */
export const wantedAgain = ({
  source,
  version,
  commit,
}: PythonState): { readonly version: string | null; readonly ref: string | null } => ({
  version: version === '?' ? null : version,
  ref: source === 'github' && isCommit(commit) ? commit : null,
})
