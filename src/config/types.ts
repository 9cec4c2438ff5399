import type {
  MoonkeeperApplicationOptions,
  UpdateManagerExecutableOptions,
  UpdateManagerGitRepoOptions,
  UpdateManagerPythonOptions,
  UpdateManagerWebOptions,
  UpdateManagerZipOptions,
} from '../contract/generated/types.js'

/** The options of each type of application. */
export interface ApplicationOptions {
  readonly git_repo: UpdateManagerGitRepoOptions
  readonly web: UpdateManagerWebOptions
  readonly zip: UpdateManagerZipOptions
  readonly executable: UpdateManagerExecutableOptions
  readonly python: UpdateManagerPythonOptions
}

export type ApplicationType = keyof ApplicationOptions

/** One application that is kept up to date. */
export interface ApplicationOf<T extends ApplicationType> {
  /** Usable as the name of a file. */
  readonly name: string
  /** The section's name, without brackets. */
  readonly section: string
  readonly type: T
  /**
   * Checked. `path` is absolute, exists, and has its symlinks followed; `virtualenv` is absolute;
   * `managed_services` holds only allowed ones.
   */
  readonly options: ApplicationOptions[T]
  /** True when the channel that was written does not exist for this type and the type's own one is used. */
  readonly channelInvalid: boolean
  /** [moonkeeper NAME]. What is absent there comes from [moonkeeper]. */
  readonly own: MoonkeeperApplicationOptions
}

export type GitRepoSettings = ApplicationOf<'git_repo'>

/** By type. */
export type ApplicationSettings = { readonly [T in ApplicationType]: ApplicationOf<T> }[ApplicationType]
