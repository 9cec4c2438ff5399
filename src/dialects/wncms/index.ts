import type { MoonkeeperDialectOptions } from '../../contract/generated/types.js'
import type { Dialect } from '../../rpc/dialect.js'
import { routesOf } from './entry.js'
import { refuse } from './envelope.js'
import { progress } from './progress.js'
import { update } from './update.js'
import { updates } from './updates.js'

export interface WncmsSetup {
  readonly isOn: () => boolean
  /** [moonkeeper dialect wncms] */
  readonly toggles: () => MoonkeeperDialectOptions
}

/** WNCMS's updates API. */
export const createWncms = ({ isOn, toggles }: WncmsSetup): Dialect => ({
  name: 'wncms',
  isOn,
  routes: [update, progress, updates].flatMap((endpoint) => routesOf(endpoint, toggles)),
  refuse,
})
