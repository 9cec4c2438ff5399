import path from 'node:path'
import type { SerialDevice } from '../../contract/generated/types.js'
import type { Files } from '../../system/files.js'
import { deviceFolder, linksByDevice, usbLocation } from './device-links.js'

/** Where udev and the kernel keep what is looked at; tests have another place. */
export interface DeviceRoots {
  /** /sys */
  readonly sys: string
  /** /dev */
  readonly dev: string
}

interface Port {
  readonly type: SerialDevice['device_type']
  readonly usb: string | null
}

/** null for a port that the driver keeps for hardware that is not there. */
const portOf = async (
  folder: string,
  device: string,
  driver: string,
  roots: DeviceRoots,
  files: Pick<Files, 'readText'>,
): Promise<Port | null> => {
  const [clock, port] = await Promise.all([
    files.readText(path.join(folder, 'uartclk')),
    files.readText(path.join(folder, 'port')),
  ])
  if (clock !== null && port !== null) {
    // compat: of this driver only the port without an address is usable.
    if (driver === 'serial8250' && Number.parseInt(port, 16) !== 0) return null
    return { type: 'hardware_uart', usb: null }
  }
  const usb = await usbLocation(device, roots.sys, files)
  return { type: usb === null ? 'unknown' : 'usb', usb }
}

export const findSerialDevices = async (
  roots: DeviceRoots,
  files: Pick<Files, 'readText' | 'list'>,
): Promise<SerialDevice[]> => {
  const byPath = await linksByDevice(path.join(roots.dev, 'serial/by-path'), files)
  const byId = await linksByDevice(path.join(roots.dev, 'serial/by-id'), files)
  const found: SerialDevice[] = []
  for (const { name } of await files.list(path.join(roots.sys, 'class/tty')).catch(() => [])) {
    const folder = path.join(roots.sys, 'class/tty', name)
    const device = await deviceFolder(path.join(folder, 'device'))
    if (device === null) continue
    const driver = path.basename((await deviceFolder(path.join(device, 'driver'))) ?? 'driver')
    const port = await portOf(folder, device, driver, roots, files)
    if (port === null) continue
    found.push({
      device_type: port.type,
      device_path: path.join(roots.dev, name),
      device_name: name,
      driver_name: driver,
      path_by_hardware: byPath.get(name) ?? null,
      path_by_id: byId.get(name) ?? null,
      usb_location: port.usb,
    })
  }
  return found
}
