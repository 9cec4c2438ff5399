import { followSymlinks } from '../config/paths.js'
import { mountOf } from '../system/mounts.js'
import { foldersOf, type Check, type DoctorHost, type Trouble } from './check.js'

const mebibyte = 1024 * 1024

const trouble = (folder: string, free: number, least: number): Trouble => ({
  code: 'disk_full',
  about: folder,
  cause: `Only ${Math.floor(free / mebibyte)} MiB are free where ${folder} is, and ${Math.ceil(least / mebibyte)} MiB must stay free (min_free_space): updates are refused`,
  repair: `df -h ${folder}; sudo apt-get clean; sudo journalctl --vacuum-size=50M; remove old logs and G-code files`,
})

/** By what they are mounted on, the first of the folders there. */
const firstOfEach = async (host: DoctorHost): Promise<readonly string[]> => {
  const found = new Map<string, string>()
  for (const folder of foldersOf(host)) {
    const mount = await mountOf(await followSymlinks(folder), host.files)
    const point = mount?.point ?? folder
    if (!found.has(point)) found.set(point, folder)
  }
  return [...found.values()]
}

export const diskSpace: Check = {
  name: 'disk_space',
  async look(host) {
    const { files, minFreeSpace } = host
    const found: Trouble[] = []
    for (const folder of await firstOfEach(host)) {
      const free = await files.freeSpace(folder)
      if (free < minFreeSpace) found.push(trouble(folder, free, minFreeSpace))
    }
    return found
  },
}
