import { createHash } from 'node:crypto'
import type { SystemState as Wire } from '../../contract/generated/types.js'
import { SystemState as validate } from '../../contract/generated/validators.js'
import type { PackagePlan } from '../../machine/packages/provider.js'
import type { Json } from '../contract.js'

/** What is known of the machine's packages. Its fields are described in schemas/state/system-state.json. */
export type SystemState = Readonly<Omit<Wire, 'available' | 'planned'>> & {
  readonly available: PackagePlan
  readonly planned: PackagePlan | null
}

export const nothing: PackagePlan = {
  install: [],
  upgrade: [],
  remove: [],
  kept: [],
  unknown: [],
  downloadBytes: 0,
  diskBytes: 0,
}

export const unknownState: SystemState = {
  looked: false,
  provider: 'none',
  available: nothing,
  careful: false,
  planned: null,
  unfinished: [],
  warnings: [],
  lastError: '',
  stamp: '',
}

/** What is not understood is as good as nothing. */
export const readState = (saved: Json): SystemState =>
  validate(saved) ? (saved as unknown as SystemState) : unknownState

/** Every package that changes. */
export const changesOf = ({ install, upgrade, remove }: PackagePlan): PackagePlan['upgrade'] => [
  ...install,
  ...upgrade,
  ...remove,
]

/** compat: what is counted is what is installed and not the newest; what comes or goes with it is not. */
export const countOf = ({ upgrade }: PackagePlan): number => upgrade.length

/** How far behind it is when so many packages are not what they could be. */
export const versionOf = (count: number): string => {
  if (count === 0) return 'up to date'
  return count === 1 ? '1 package behind' : `${count} packages behind`
}

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)

/** Names the packages as they are, as far as they are to be changed. */
export const idBefore = (plan: PackagePlan): string =>
  digest(changesOf(plan).map(({ name, from }) => [name, from]))

/** Names the packages as they would be. */
export const idAfter = (plan: PackagePlan): string =>
  digest(changesOf(plan).map(({ name, to }) => [name, to]))
