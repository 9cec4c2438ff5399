import type { UpdateManagerGitRepoOptions } from '../../contract/generated/types.js'

/** The options of a git_repo section, as configuration checked them. */
export type GitRepoOptions = UpdateManagerGitRepoOptions
