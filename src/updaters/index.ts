import type { UpdateManagerPythonOptions } from '../contract/generated/types.js'
import type { Updater, UpdaterSurroundings } from './contract.js'
import { createExecutableUpdater } from './executable/index.js'
import { GitRepoUpdater } from './git_repo/index.js'
import type { GitRepoOptions } from './git_repo/options.js'
import { PythonUpdater } from './python/index.js'
import { createSystemUpdater } from './system/index.js'
import { createWebUpdater } from './web/index.js'
import { createZipUpdater } from './zip/index.js'

/** Makes an updater for one application. */
export type UpdaterFactory = (name: string, options: never, outside: UpdaterSurroundings) => Updater

/** Every updater type there is: a folder, and a line here. */
export const updaterFactories: Readonly<Record<string, UpdaterFactory>> = {
  executable: createExecutableUpdater,
  git_repo: (name, options: GitRepoOptions, outside) => new GitRepoUpdater(name, options, outside),
  python: (name, options: UpdateManagerPythonOptions, outside) => new PythonUpdater(name, options, outside),
  system: createSystemUpdater,
  web: createWebUpdater,
  zip: createZipUpdater,
}
