import type {
  Job,
  MachineUpdateHistoryResult,
  Plan,
  UpdateStatus,
  Versions,
} from '../contract/generated/types.js'
import type { Serialized } from '../contract/serialized.js'
import type { GoalKind } from '../updaters/contract.js'
import type { Change } from './change.js'
import type { HistoryQuery } from './history.js'
import type { JobState } from './job.js'
import type { ApplicationDesk } from './managed.js'

/** What machine.update.plan asks. */
export interface PlanQuestion {
  readonly goal: GoalKind
  /** null: all that are managed. */
  readonly names: readonly string[] | null
  /** null: what the updater would choose. */
  readonly version: string | null
  /** The update image that it would come from. Default: none. */
  readonly image?: number | null
  /** Of a recovery. */
  readonly hard: boolean
  /** True when it would be done to all of them as one. */
  readonly atomic?: boolean
  /** Of a recovery. Default: false. */
  readonly updateDependencies?: boolean
  /** input: nothing but the arguments is looked at. */
  readonly check: 'input' | 'all'
}

export interface JobDesk {
  list(page: { readonly state?: JobState | undefined; readonly limit: number; readonly offset: number }): {
    jobs: Job[]
    total: number
  }
  /** With its lines after a number. @throws unknown_job */
  read(id: string, after: number): Promise<Job>
  /** Somebody knows how it ended. @throws unknown_job, busy when it is not over */
  dismiss(id: string): Promise<void>
}

/** The verbs of the update engine. */
export interface Engine {
  readonly jobs: JobDesk
  readonly applications: ApplicationDesk
  /** No I/O; serialised once a change. */
  status(): Serialized<UpdateStatus>
  /** For machine.update.status {refresh: true}: refreshes unless something forbids it, then answers. */
  refreshIfAllowed(): Promise<Serialized<UpdateStatus>>
  /** @throws unknown_updater, busy */
  refresh(name: string | null): Promise<Serialized<UpdateStatus>>
  /** Waits a moment when it is not known yet. @throws printing, recovery_while_printing, printer_unknown */
  refuseWhilePrinting(goal: GoalKind): Promise<void>
  /** Changes nothing. @throws unknown_application, unknown_version, not_valid, not_supported, already_running */
  plan(question: PlanQuestion): Promise<Plan>
  /**
   * Upgrades, rolls back or recovers.
   * @returns null when it is done; the job when nobody waits for its end, or only its preparation was asked for
   * @throws what refused it, or made it fail: the old version is back then
   */
  change(change: Change): Promise<Job | null>
  /** @throws unknown_application */
  versions(name: string, page: { readonly limit: number; readonly offset: number }): Promise<Versions>
  /** @returns the version's id. @throws unknown_application, unknown_version, set_in_configuration */
  pin(name: string, version: string | null): Promise<string | null>
  /** @throws unknown_job, job_not_prepared */
  startJob(id: string): Promise<Job>
  /** @throws unknown_job, job_ended */
  cancelJob(id: string): Promise<Job>
  /**
   * Between two operations: what is asked for meanwhile waits.
   * @throws recovery_while_printing, printer_unknown; what the work throws
   */
  alone(work: () => Promise<void>): Promise<void>
  /** What was done, newest first. */
  history(query: HistoryQuery): Promise<MachineUpdateHistoryResult>
}
