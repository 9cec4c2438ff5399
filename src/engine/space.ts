import { MoonkeeperError } from '../contract/error.js'
import type { ApplicationPlan } from '../contract/generated/types.js'
import type { Files } from '../system/files.js'
import type { Application } from './application.js'

export interface RoomSurroundings {
  readonly files: Pick<Files, 'freeSpace'>
  /** Bytes that stay free. */
  readonly minFreeSpace: number
}

const inMiB = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MiB`

/** Drops kept versions, the oldest first, as long as that frees something. */
const freeUp = async (
  application: Application,
  wanted: number,
  { files }: RoomSurroundings,
  dropped: (application: Application) => void,
): Promise<void> => {
  const { updater } = application
  let free = await files.freeSpace(updater.folder)
  while (free < wanted && (await updater.dropOldest())) {
    await application.save()
    dropped(application)
    const now = await files.freeSpace(updater.folder)
    // What is dropped for nothing is missed later.
    if (now <= free) return
    free = now
  }
}

/**
 * What an update needs must be free, and some more. Kept versions go first, the oldest first.
 * @param plans what is done as one: most machines have one file system, so all of it must fit at once
 * @param dropped called when an application has a kept version less
 * @throws no_space
 */
export const makeRoom = async (
  plans: readonly ApplicationPlan[],
  applications: readonly Application[],
  outside: RoomSurroundings,
  dropped: (application: Application) => void,
): Promise<void> => {
  const { minFreeSpace } = outside
  const needed = plans.reduce((sum, plan) => sum + (plan.disk_bytes ?? 0), 0)
  const changed = applications.filter(({ name }) => plans.some((plan) => plan.name === name))
  for (const application of changed) await freeUp(application, minFreeSpace + needed, outside, dropped)
  for (const application of changed) {
    const free = await outside.files.freeSpace(application.updater.folder)
    if (free >= minFreeSpace + needed) continue
    const { folder } = application.updater
    throw new MoonkeeperError(
      'no_space',
      `${application.name}: ${inMiB(Math.max(0, free - needed))} would be free in ${folder} meanwhile, and ` +
        `${inMiB(minFreeSpace)} (min_free_space) must stay. Make room: df -h ${folder}`,
    )
  }
}
