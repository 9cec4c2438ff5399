import type { KnownRelease, ReleaseState } from '../../contract/generated/types.js'
import { ReleaseState as validate } from '../../contract/generated/validators.js'
import type { Json } from '../contract.js'

export type { KnownRelease, ReleaseState }
export type Target = NonNullable<ReleaseState['target']>
export type KeptVersion = ReleaseState['kept'][number]

/** Nothing known yet: unknown texts are "?". */
export const unknownState = (repo: string): ReleaseState => {
  const [owner = '?', project = '?'] = repo.split('/')
  return {
    looked: false,
    valid: false,
    version: '?',
    tag: null,
    owner,
    project,
    assetName: null,
    warnings: [],
    anomalies: [],
    remote: null,
    lastError: '',
    rollback: null,
    kept: [],
    pin: null,
    target: null,
  }
}

/**
 * What was saved, or nothing known when it is not understood (another version of Moonkeeper wrote it). What was surveyed
 * can be surveyed again.
 */
export const readState = (saved: Json, repo: string): ReleaseState => {
  const without = typeof saved === 'object' && saved !== null ? { ...saved, target: null } : saved
  const readable = [saved, without].find((one) => validate(one))
  return readable === undefined ? unknownState(repo) : (readable as unknown as ReleaseState)
}

/** True when the release is the one that is installed: installs name their tag, or what it is called. */
export const isInstalled = (
  { version, tag }: Pick<ReleaseState, 'version' | 'tag'>,
  release: Pick<KnownRelease, 'tag' | 'version'>,
): boolean => version === release.version || version === release.tag || tag === release.tag
