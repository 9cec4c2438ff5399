import { isOlderPip } from './pip.js'
import type { Virtualenv } from './virtualenv.js'

/** compat: the newest pip that a version of Python gets, as Moonraker has it. */
const newestPips: readonly (readonly [string, string])[] = [
  ['3.7', '20.3.4'],
  ['3.8', '24.0'],
  ['3.9', '25.0.1'],
]
const newestPip = '25.2'

/** A newer one may not run on it. */
export const newestPipFor = ({ madeFor }: Pick<Virtualenv, 'madeFor'>): string =>
  newestPips.find(([below]) => madeFor !== null && isOlderPip(madeFor, below))?.[1] ?? newestPip
