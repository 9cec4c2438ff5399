import { followSymlinks } from '../config/paths.js'
import { mountOf } from '../system/mounts.js'
import { foldersOf, type Check, type Trouble } from './check.js'

/** What must be written to, and cannot be: as a rule because the card failed. */
export const fileSystems: Check = {
  name: 'file_systems',
  async look(host) {
    const found = new Map<string, Trouble>()
    let known = false
    for (const folder of foldersOf(host)) {
      const mount = await mountOf(await followSymlinks(folder), host.files)
      if (mount === null) continue
      known = true
      if (!mount.readOnly || found.has(mount.point)) continue
      found.set(mount.point, {
        code: 'read_only_file_system',
        about: folder,
        cause: `${folder} is on a file system that is read-only (${mount.point}): as a rule the card is worn out, or the service may not write there (ReadWritePaths of its unit)`,
        repair: `findmnt --target ${folder}; sudo dmesg | grep -i -e error -e remount; sudo mount -o remount,rw ${mount.point}; if it comes back, replace the card`,
      })
    }
    return known ? [...found.values()] : { unknown: 'The kernel does not tell what is mounted' }
  },
}
