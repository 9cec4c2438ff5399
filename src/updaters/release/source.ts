import type { PrepareContext } from '../contract.js'
import type { Place } from './place.js'
import type { KnownRelease, ReleaseState } from './state.js'

/** What is brought: the file of a release, to where it is looked at. */
export interface Bringing {
  readonly place: Place
  readonly release: KnownRelease
  readonly asset: NonNullable<KnownRelease['asset']>
  readonly target: string
  readonly context: PrepareContext
}

/** Where a release comes from. */
export interface ReleaseSource {
  /** True when all it has is on this machine: nobody is asked, and nothing is downloaded. */
  readonly isHere: boolean
  /** The release that a name means, by its tag or by what it is called; null when there is none. */
  find(place: Place, state: ReleaseState, name: string, signal: AbortSignal): Promise<KnownRelease | null>
  /** @throws when it does not come, or is not what was published: digest_mismatch, bad_signature */
  bring(bringing: Bringing): Promise<void>
}
