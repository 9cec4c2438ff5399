import type { UpdateManagerZipOptions } from '../../contract/generated/types.js'
import type { Updater, UpdaterSurroundings } from '../contract.js'
import { ReleaseUpdater } from '../release/index.js'

export const createZipUpdater = (
  name: string,
  options: UpdateManagerZipOptions,
  outside: UpdaterSurroundings,
): Updater => new ReleaseUpdater(name, 'zip', options, outside)
