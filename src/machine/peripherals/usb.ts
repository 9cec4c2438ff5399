import path from 'node:path'
import type { UsbDevice } from '../../contract/generated/types.js'
import type { Files } from '../../system/files.js'
import { readUsbNames, type UsbNames } from './usb-ids.js'

/** What sysfs tells of one device. */
interface Found extends Pick<
  UsbDevice,
  'device_num' | 'bus_num' | 'vendor_id' | 'product_id' | 'manufacturer' | 'product' | 'serial'
> {
  readonly classes: readonly [string, string, string]
}

/** null for a hub's port, an interface, or a device that goes away meanwhile. */
const readDevice = async (folder: string, files: Pick<Files, 'readText'>): Promise<Found | null> => {
  const read = async (name: string): Promise<string | null> =>
    (await files.readText(path.join(folder, name)).catch(() => null))?.trim() ?? null
  const needed = [
    'devnum',
    'busnum',
    'idVendor',
    'idProduct',
    'bDeviceClass',
    'bDeviceSubClass',
    'bDeviceProtocol',
  ]
  const values = await Promise.all(needed.map(read))
  if (values.includes(null)) return null
  const [device, bus, vendor = '', product = '', ...classes] = values.map(
    (value) => value?.toLowerCase() ?? '',
  )
  return {
    device_num: Number(device),
    bus_num: Number(bus),
    vendor_id: vendor,
    product_id: product,
    manufacturer: await read('manufacturer'),
    product: await read('product'),
    serial: await read('serial'),
    classes: classes as [string, string, string],
  }
}

const classKeys = ([main, sub, protocol]: Found['classes']): readonly [string, string, string] => [
  `C ${main}`,
  `C ${main}:${sub}`,
  `C ${main}:${sub}:${protocol}`,
]

type Classes = Pick<UsbDevice, 'class' | 'subclass' | 'protocol'>

const describeClass = (classes: Found['classes'], names: UsbNames): Classes => {
  const keys = classKeys(classes)
  const name = names.name(keys[0])
  // 00: each of its interfaces has a class of its own.
  if (name === null || classes[0] === '00') return { class: null, subclass: null, protocol: null }
  return { class: name, subclass: names.name(keys[1]), protocol: names.name(keys[2]) }
}

const describe = ({ classes, ...found }: Found, names: UsbNames): UsbDevice => {
  const vendor = names.name(found.vendor_id)
  const product = vendor === null ? null : names.name(`${found.vendor_id}:${found.product_id}`)
  return {
    ...found,
    usb_location: `${found.bus_num}:${found.device_num}`,
    ...describeClass(classes, names),
    description: vendor === null ? null : `${vendor} ${product ?? ''}`.trim(),
    manufacturer: found.manufacturer ?? vendor,
    product: found.product ?? product,
  }
}

/** @param lists where usb.ids may be */
export const findUsbDevices = async (
  folder: string,
  lists: readonly string[],
  files: Pick<Files, 'readText' | 'list' | 'lines' | 'stat'>,
): Promise<UsbDevice[]> => {
  const found: Found[] = []
  for (const { name } of await files.list(folder).catch(() => [])) {
    const device = await readDevice(path.join(folder, name), files)
    if (device !== null) found.push(device)
  }
  const wanted = found.flatMap((device) => [
    device.vendor_id,
    `${device.vendor_id}:${device.product_id}`,
    ...classKeys(device.classes),
  ])
  const names = await readUsbNames(lists, new Set(wanted), files)
  return found.map((device) => describe(device, names))
}
