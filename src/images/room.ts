import { MoonkeeperError } from '../contract/error.js'
import type { Files } from '../system/files.js'

const inMiB = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`

/** @param size bytes that are to be written. @throws no_space */
export const refuseLittleRoom = async ({
  files,
  folder,
  minFreeSpace,
  size,
}: {
  readonly files: Pick<Files, 'freeSpace'>
  readonly folder: string
  readonly minFreeSpace: number
  readonly size: number
}): Promise<void> => {
  const free = await files.freeSpace(folder)
  if (free >= size + minFreeSpace) return
  throw new MoonkeeperError(
    'no_space',
    `${inMiB(free)} are free in ${folder}: the image needs ${inMiB(size)}, and ${inMiB(minFreeSpace)} ` +
      `(min_free_space) must stay. Delete older images, or make room: df -h ${folder}`,
  )
}
