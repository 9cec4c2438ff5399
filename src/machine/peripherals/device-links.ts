import path from 'node:path'
import { readlink, realpath } from 'node:fs/promises'
import type { Files } from '../../system/files.js'

/** Of a folder of symlinks that udev made (/dev/serial/by-id, say): link by the device's own name. */
export const linksByDevice = async (
  folder: string,
  files: Pick<Files, 'list'>,
): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>()
  for (const { name, kind } of await files.list(folder).catch(() => [])) {
    if (kind !== 'symlink') continue
    const link = path.join(folder, name)
    const target = await readlink(link).catch(() => null)
    if (target !== null) found.set(path.basename(target), link)
  }
  return found
}

/** Where a device of sysfs really is; null when it is not there. */
export const deviceFolder = (folder: string): Promise<string | null> => realpath(folder).catch(() => null)

/** `bus:device` of the USB device that a folder of sysfs belongs to; null when it belongs to none. */
export const usbLocation = async (
  folder: string,
  root: string,
  files: Pick<Files, 'readText'>,
): Promise<string | null> => {
  for (let at = folder; at.startsWith(`${root}/`); at = path.dirname(at)) {
    const [bus, device] = await Promise.all([
      files.readText(path.join(at, 'busnum')),
      files.readText(path.join(at, 'devnum')),
    ])
    if (bus !== null && device !== null) return `${Number(bus)}:${Number(device)}`
  }
  return null
}
