import type { ReleaseState } from '../../contract/generated/types.js'
import { ReleaseState as validate } from '../../contract/generated/validators.js'
import type { Json } from '../contract.js'

export type { ReleaseState }
export type Target = NonNullable<ReleaseState['target']>
export type KnownRelease = NonNullable<ReleaseState['remote']>
export type KeptVersion = ReleaseState['kept'][number]

/** Nothing known yet: unknown texts are "?". */
export const unknownState = (repo: string): ReleaseState => {
  const [owner = '?', project = '?'] = repo.split('/')
  return {
    looked: false,
    valid: false,
    version: '?',
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
    staged: null,
    target: null,
  }
}

/** What was saved, or nothing known when it is not understood (another version of Moonkeeper wrote it). */
export const readState = (saved: Json, repo: string): ReleaseState =>
  validate(saved) ? (saved as unknown as ReleaseState) : unknownState(repo)
