import type { MachineUpdateHistoryResult, UpdateStatus } from '../contract/generated/types.js'
import type { Serialized } from '../contract/serialized.js'
import type { HistoryQuery } from './history.js'

/** The verbs of the update engine. */
export interface Engine {
  /** No I/O; serialised once a change. */
  status(): Serialized<UpdateStatus>
  /** For machine.update.status {refresh: true}: refreshes unless something forbids it, then answers. */
  refreshIfAllowed(): Promise<Serialized<UpdateStatus>>
  /** @throws unknown_updater, busy */
  refresh(name: string | null): Promise<Serialized<UpdateStatus>>
  /** @throws printing */
  refuseUpgradeWhilePrinting(): void
  /** @throws recovery_while_printing; the text names what was refused */
  refuseWhilePrinting(what: 'Recovery' | 'Rollback'): void
  /** @throws unknown_application, busy, not_valid, command_failed */
  upgrade(name: string): Promise<void>
  upgradeAll(): Promise<void>
  recover(
    name: string,
    options: { readonly hard: boolean; readonly updateDependencies: boolean },
  ): Promise<void>
  rollback(name: string): Promise<void>
  /** What was done, newest first. */
  history(query: HistoryQuery): Promise<MachineUpdateHistoryResult>
}
