import { GitRepoUpdater } from './git_repo/index.js'
import type { GitRepoOptions } from './git_repo/options.js'
import type { Updater, UpdaterSurroundings } from './contract.js'

/** Makes an updater for one application. */
export type UpdaterFactory = (name: string, options: never, outside: UpdaterSurroundings) => Updater

/** Every updater type there is: a folder, and a line here. */
export const updaterFactories: Readonly<Record<string, UpdaterFactory>> = {
  git_repo: (name, options: GitRepoOptions, outside) => new GitRepoUpdater(name, options, outside),
}
