import type { UpdateManagerWebOptions } from '../../contract/generated/types.js'
import type { Updater, UpdaterSurroundings } from '../contract.js'
import { ReleaseUpdater } from '../release/index.js'

export const createWebUpdater = (
  name: string,
  options: UpdateManagerWebOptions,
  outside: UpdaterSurroundings,
): Updater => new ReleaseUpdater(name, 'web', options, outside)
