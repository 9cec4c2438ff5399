import type { UpdateManagerExecutableOptions } from '../../contract/generated/types.js'
import type { Updater, UpdaterSurroundings } from '../contract.js'
import { ReleaseUpdater } from '../release/index.js'

export const createExecutableUpdater = (
  name: string,
  options: UpdateManagerExecutableOptions,
  outside: UpdaterSurroundings,
): Updater => new ReleaseUpdater(name, 'executable', options, outside)
