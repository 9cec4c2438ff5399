import type { GitRepoStatus } from '../contract/generated/types.js'
import type { Clock } from '../system/clock.js'
import type { Commands } from '../system/commands.js'
import type { Files } from '../system/files.js'
import type { Http } from '../system/http.js'
import type { Log } from '../system/log.js'

/** What can be done to an application. */
export type Goal =
  | { readonly kind: 'upgrade' }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'recover'; readonly hard: boolean; readonly updateDependencies: boolean }

export type GoalKind = Goal['kind']

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** A line for people: what goes on now. */
export type Progress = (text: string) => void

/** What a step may use. */
export interface StepContext {
  readonly progress: Progress
  /** Aborted at shutdown and when nothing moved for lock_timeout. An undo has one that is never aborted. */
  readonly signal: AbortSignal
  /** A folder of this operation, on the data folder's file system. It is gone when the operation is. */
  readonly workFolder: string
  /** True when the journal says that the step of that name had begun. For undo. */
  begun(step: string): boolean
}

/**
 * One step of a plan. The journal names it before it runs.
 * `undo` is idempotent, and safe when run() got half way or never began.
 */
export interface Step {
  readonly name: string
  run(context: StepContext): Promise<void>
  undo?(context: StepContext): Promise<void>
}

/**
 * What is done for a goal. Pure in the options and what was saved: after a crash the same plan is made again
 * from the journal, and undone or finished.
 */
export interface Plan {
  readonly steps: readonly Step[]
  /** After the commit: drops what only an undo needs. Never undone; may run twice. */
  readonly cleanup: readonly Step[]
  /** What is saved when the plan was committed. */
  readonly outcome: Json
}

export interface InspectContext {
  readonly signal: AbortSignal
  /** False: look at the local install only. */
  readonly remote: boolean
}

export interface SurveyContext {
  readonly signal: AbortSignal
  readonly progress: Progress
}

export type UpdaterStatus = GitRepoStatus

/**
 * Knows one application. It inspects and plans; it never locks, journals or talks to sockets.
 */
export interface Updater {
  readonly name: string
  /** Capabilities; what is not here is refused. */
  readonly goals: readonly GoalKind[]
  /** Reads the local install and the remote; changes nothing that users run. Failures end up in the status. */
  inspect(context: InspectContext): Promise<void>
  /**
   * The I/O that a plan needs. Ends with `null` when there is something to do, or with what to tell when there is not
   * (an empty text: nothing to tell).
   * @throws not_valid, command_failed, busy
   */
  survey(goal: Goal, context: SurveyContext): Promise<string | null>
  /** No I/O. null as long as nothing is known. */
  status(): UpdaterStatus | null
  /** What inspect() and survey() learned: all that plan() depends on besides the options. */
  saved(): Json
  /** Goes back to an earlier saved(). What is not understood is as good as nothing. */
  restore(saved: Json): void
  plan(goal: Goal): Plan
  /** An operation failed and was undone: what to remember of it. */
  failed(thrown: unknown): void
  /**
   * The last words of an operation that was committed, after another look.
   * @throws recovery_failed when the look shows that it did not help
   */
  finished(goal: Goal): string
}

/** Services as far as updaters restart them. */
export interface ServiceRestarter {
  /**
   * Restarts the service, or notes it for the end of a full update, and tells which.
   * @throws when it could not be restarted
   */
  restart(service: string, progress: Progress): Promise<void>
}

/** Everything outside, for updaters. */
export interface UpdaterSurroundings {
  readonly commands: Commands
  readonly files: Files
  readonly http: Http
  readonly clock: Clock
  readonly log: Log
  readonly services: ServiceRestarter
  /** True with -g: a detached HEAD may be updated. */
  readonly debug: boolean
  /** <data>/moonkeeper: where patches of local edits are kept. */
  readonly dataFolder: string
  /** For things people should know about the configuration. */
  readonly warn: (text: string) => void
}
