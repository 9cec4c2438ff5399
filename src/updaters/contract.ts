import type {
  ApplicationPlan,
  GitRepoStatus,
  KnownRelease,
  PythonStatus,
  ReleaseStatus,
  SystemStatus,
  Versions,
} from '../contract/generated/types.js'
import type { Json } from '../contract/json.js'
import type { OperatingSystem } from '../dependencies/operating-system.js'
import type { ImagePart } from '../images/build.js'
import type { Packages } from '../machine/packages/packages.js'
import type { GitHub } from '../releases/github.js'
import type { Clock } from '../system/clock.js'
import type { Commands } from '../system/commands.js'
import type { Downloads } from '../system/download.js'
import type { Files } from '../system/files.js'
import type { Http } from '../system/http.js'
import type { Log } from '../system/log.js'

/** A version that somebody brought here in files: nobody is asked for it. */
export interface Carried {
  /** What it came in, for people. */
  readonly label: string
  readonly version: string
  readonly id: string
  /** Of a git_repo: the branch that the commit lies on. */
  readonly branch: string | null
  readonly release: KnownRelease | null
  /** Where they lie, absolute, and what must be in them. */
  readonly files: readonly { readonly path: string; readonly size: number; readonly sha256: string }[]
}

/** What can be done to an application. A version is the id or the name of one of versions(); null: the usual one. */
export type Goal =
  | {
      readonly kind: 'upgrade'
      readonly version: string | null
      /** Where the version lies already; when left out it comes from where the application comes from. */
      readonly carried?: Carried
    }
  | { readonly kind: 'rollback'; readonly version: string | null }
  | { readonly kind: 'recover'; readonly hard: boolean; readonly updateDependencies: boolean }

export type GoalKind = Goal['kind']

export type { Json }

/** A line for people: what goes on now, and how much of it is done, 0 to 1, where that is known. */
export type Progress = (text: string, fraction?: number) => void

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
  /**
   * True for what must not be ended once it began: a package transaction. From then on neither a cancel nor a stop nor
   * lock_timeout ends the operation.
   */
  readonly unstoppable?: true
  /**
   * True for what no undo needs to know of: it has none, and nobody asks begun() for it. Nothing is written down before
   * it runs.
   */
  readonly traceless?: true
  /** Absent where there is nothing to do: a step that is there for its undo costs nothing. */
  run?(context: StepContext): Promise<void>
  undo?(context: StepContext): Promise<void>
  /**
   * Of an unstoppable step that the daemon did not see to its end: waits until it is over, and mends what is half done.
   * It takes its time, so it is called when everything else was started.
   * @throws when it cannot be mended
   */
  conclude?(context: StepContext): Promise<Conclusion>
}

/** What became of an unstoppable step. */
export interface Conclusion {
  /** True when all of it is done after all. */
  readonly done: boolean
  /** For people. */
  readonly text: string
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

export interface PrepareContext {
  readonly signal: AbortSignal
  readonly progress: Progress
}

export interface SurveyContext extends PrepareContext {
  /** True when people look at the plan: what only they want to know is read as well, and nothing is repaired. */
  readonly shown: boolean
  /** True when the remote is to be asked also where the last look found nothing new. */
  readonly fresh: boolean
  /** True when it alone was asked for, by its name: that it could not be looked at is told then. */
  readonly named?: boolean
}

/** What a survey found. */
export interface Survey {
  readonly plan: ApplicationPlan
  /** What to tell when there is nothing to do (empty: nothing to tell); null when there is something. */
  readonly nothing: string | null
}

/** What an upgrade would bring, as far as it is known. */
export interface Offer {
  readonly version: string
  readonly id: string
  /** Unix seconds of its release; null when that is not known. */
  readonly date: number | null
}

export type UpdaterStatus = GitRepoStatus | PythonStatus | ReleaseStatus | SystemStatus

/**
 * Knows one application. It inspects and plans; it never locks, journals or talks to sockets.
 */
export interface Updater {
  readonly name: string
  /** Where it is installed: what must have room. */
  readonly folder: string
  /** Capabilities; what is not here is refused. They may be others after another look. */
  readonly goals: readonly GoalKind[]
  /**
   * True for the operating system: its files are root's, what was done to them stays, and a recovery, which is always a
   * hard one, mends them.
   */
  readonly ofTheMachine?: true
  /** Reads the local install and the remote; changes nothing that users run. Failures end up in the status. */
  inspect(context: InspectContext): Promise<void>
  /**
   * The I/O that a plan needs.
   * @throws not_valid, command_failed, busy, unknown_version
   */
  survey(goal: Goal, context: SurveyContext): Promise<Survey>
  /**
   * Downloads, verifies and stages, after a survey, what can be while the old version runs. What is staged is found
   * again by a later survey for the same version. Idempotent.
   * @throws command_failed, digest_mismatch, no_space
   */
  prepare(goal: Goal, context: PrepareContext): Promise<void>
  /**
   * Puts the installed version into files in a folder that is there, as an update image carries it. Absent where that
   * cannot be.
   * @throws not_valid, command_failed, remote_failed
   */
  pack?(folder: string, context: PrepareContext): Promise<ImagePart>
  /** Drops what was staged. Idempotent. */
  discard(): Promise<void>
  /** Drops the oldest kept version, to make room. @returns false when there is none */
  dropOldest(): Promise<boolean>
  /** No I/O. null as long as nothing is known. */
  status(): UpdaterStatus | null
  /** No I/O. The installed version as far as it is known. */
  installed(): { readonly version: string; readonly id: string }
  /** No I/O. True when nothing is half done any more, as far as can be seen: a person may have mended it. */
  isMended?(): boolean
  /** No I/O. What an upgrade would bring; null when there is nothing, or nothing is known. */
  offer(): Offer | null
  /** What can be had and what is kept, newest first. */
  versions(page: { readonly limit: number; readonly offset: number }, signal: AbortSignal): Promise<Versions>
  /**
   * Pins it to a version, or lets it go (null): an upgrade then ends there.
   * @returns the version's id
   * @throws unknown_version, set_in_configuration
   */
  pin(version: string | null, signal: AbortSignal): Promise<string | null>
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
   * Restarts the service, or notes it for the end of a full update, and tells which. While a print runs it waits.
   * @throws when it could not be restarted
   */
  restart(service: string, progress: Progress, signal: AbortSignal): Promise<void>
  /**
   * For an undo: the service is started again when all of it is undone, once, however many ask for it, and only if it was
   * restarted before. What a running print forbids is made up for when it is over.
   */
  restartWhenIdle(service: string, progress: Progress): Promise<void>
}

/** Another application as it is configured, as far as its Python packages go. */
export interface Neighbour {
  readonly virtualenv?: string | undefined
  readonly path?: string | undefined
  readonly requirements?: string | undefined
  /** Of what is a Python package itself. */
  readonly project?: string | undefined
}

/** Everything outside, for updaters. */
export interface UpdaterSurroundings {
  readonly commands: Commands
  readonly files: Files
  readonly http: Http
  /** Where releases are found: GitHub, or the forge that the configuration names. */
  readonly forge: GitHub
  readonly downloads: Downloads
  /** minisign public keys: with any, a release must be signed by one of them. */
  readonly signingKeys: readonly string[]
  readonly homeFolder: string
  readonly clock: Clock
  readonly log: Log
  readonly services: ServiceRestarter
  /** Packages of the operating system; null when they are switched off. */
  readonly packages: Packages | null
  /** What the machine says of itself. */
  readonly operatingSystem: () => Promise<OperatingSystem>
  /** True while a print runs: pip and npm are not started then. */
  readonly isPrinting: () => boolean
  /** The other applications: some share a virtualenv. Without it: none. */
  readonly neighbours?: readonly Neighbour[]
  /** True when the configured channel is none of the application's type. */
  readonly channelInvalid?: boolean
  /** True with -g: a detached HEAD may be updated. */
  readonly debug: boolean
  /** <data>/moonkeeper: where patches of local edits are kept. */
  readonly dataFolder: string
  /** Versions that are kept, the running one not counted. */
  readonly generations: number
  /** For things people should know about the configuration. */
  readonly warn: (text: string) => void
}
