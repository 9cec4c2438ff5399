import { MoonkeeperError } from '../contract/error.js'

/** What may not be done now. */
export interface GuardFacts {
  readonly printing: boolean
  /** The application of the running operation, `full`, recover_<name> or rollback_<name>; null when none runs. */
  readonly operation: string | null
  readonly firstRefreshDone: boolean
}

export const refuseUpgradeWhilePrinting = (facts: GuardFacts): void => {
  if (facts.printing) throw new MoonkeeperError('printing', 'Update Refused: Klippy is printing')
}

export const refuseWhilePrinting = (facts: GuardFacts, what: 'Recovery' | 'Rollback'): void => {
  if (!facts.printing) return
  throw new MoonkeeperError('recovery_while_printing', `${what} Attempt Refused: Klippy is printing`)
}

/** compat: during a full update every name counts as being updated, also one that does not exist. */
export const refuseSameItem = (facts: GuardFacts, name: string): void => {
  if (facts.operation === name || facts.operation === 'full') {
    throw new MoonkeeperError('busy', `Item ${name} is currently updating`)
  }
}

export const mayRefresh = (facts: GuardFacts): boolean =>
  !facts.printing && facts.operation === null && facts.firstRefreshDone

export const refuseRefresh = (facts: GuardFacts): void => {
  if (!mayRefresh(facts)) throw new MoonkeeperError('busy', 'Server is busy, cannot perform refresh')
}

export const notManaged = (name: string): MoonkeeperError =>
  new MoonkeeperError('unknown_updater', `No updater registered for '${name}'`)

export const notAvailable = (name: string): MoonkeeperError =>
  new MoonkeeperError('unknown_application', `Updater ${name} not available`)
