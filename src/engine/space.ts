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

/** Bytes that would be free while an application is updated. */
const freeAfter = async (
  { updater }: Application,
  plan: ApplicationPlan,
  { files }: RoomSurroundings,
): Promise<number> => (await files.freeSpace(updater.folder)) - (plan.disk_bytes ?? 0)

/**
 * What an update needs must be free, and some more. Kept versions go first, the oldest first.
 * @throws no_space
 */
export const makeRoom = async (
  plans: readonly ApplicationPlan[],
  applications: readonly Application[],
  outside: RoomSurroundings,
): Promise<void> => {
  for (const plan of plans) {
    const application = applications.find(({ name }) => name === plan.name)
    if (application === undefined) continue
    let free = await freeAfter(application, plan, outside)
    while (free < outside.minFreeSpace && (await application.updater.dropOldest())) {
      await application.save()
      free = await freeAfter(application, plan, outside)
    }
    if (free >= outside.minFreeSpace) continue
    throw new MoonkeeperError(
      'no_space',
      `${plan.name}: ${inMiB(Math.max(0, free))} would be free in ${application.updater.folder} meanwhile, and ` +
        `${inMiB(outside.minFreeSpace)} (min_free_space) must stay. Make room: df -h ${application.updater.folder}`,
    )
  }
}
