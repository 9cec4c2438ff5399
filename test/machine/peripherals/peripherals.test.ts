import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { queryCanBus } from '../../../src/machine/peripherals/canbus.js'
import { findSerialDevices } from '../../../src/machine/peripherals/serial.js'
import { findUsbDevices } from '../../../src/machine/peripherals/usb.js'
import { findVideoDevices } from '../../../src/machine/peripherals/video.js'
import { systemFiles } from '../../../src/system/files.js'
import { answering } from '../../support/commands.js'
import { temporaryFolder } from '../../support/folder.js'
import { kind } from '../../support/jobs.js'
import { realCommands } from '../../support/surroundings.js'

interface Tree {
  readonly roots: { readonly sys: string; readonly dev: string }
  readonly write: (files: Readonly<Record<string, string>>) => void
  /** Symlinks, to what is relative to the tree. */
  readonly link: (links: Readonly<Record<string, string>>) => void
  readonly file: (name: string) => string
}

/** /sys and /dev of another machine. */
const treeOf = async (t: TestContext): Promise<Tree> => {
  const folder = await temporaryFolder(t)
  const file = (name: string): string => path.join(folder, name)
  const prepare = (name: string): string => {
    mkdirSync(path.dirname(file(name)), { recursive: true })
    return file(name)
  }
  return {
    roots: { sys: file('sys'), dev: file('dev') },
    file,
    write: (files) => {
      for (const [name, text] of Object.entries(files)) writeFileSync(prepare(name), text)
    },
    link: (links) => {
      for (const [name, target] of Object.entries(links)) {
        mkdirSync(file(target), { recursive: true })
        symlinkSync(file(target), prepare(name))
      }
    },
  }
}

const board = 'sys/devices/platform/usb1/1-1/1-1.2'

const usbFiles = (at: string, more: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries({
      devnum: '3',
      busnum: '1',
      idVendor: '1D50',
      idProduct: '614e',
      bDeviceClass: '02',
      bDeviceSubClass: '00',
      bDeviceProtocol: '00',
      ...more,
    }).map(([name, text]) => [`${at}/${name}`, `${text}\n`]),
  )

const list = `# a comment
1d50  OpenMoko, Inc.
\t5119  Reflow oven
1d6b  Linux Foundation
\t0002  2.0 root hub
C 00  (Defined at Interface level)
C 02  Communications
\t00  ?
C 09  Hub
\t00  Unused
\t\t01  Single TT
`

describe('the USB', () => {
  const look = (tree: Tree) =>
    findUsbDevices(tree.file('bus'), [tree.file('none'), tree.file('ids')], systemFiles)

  test('devices, with what usb.ids and Klipper call them', async (t) => {
    const tree = await treeOf(t)
    tree.write({
      ids: list,
      ...usbFiles('bus/1-1.2', { manufacturer: 'Klipper', product: 'rp2040', serial: 'E66058' }),
      ...usbFiles('bus/usb1', {
        devnum: '1',
        idVendor: '1d6b',
        idProduct: '0002',
        bDeviceClass: '09',
        bDeviceProtocol: '01',
      }),
      'bus/1-0:1.0/bInterfaceClass': '09\n',
    })
    const found = (await look(tree)).sort((a, b) => b.device_num - a.device_num)
    assert.deepEqual(found, [
      {
        device_num: 3,
        bus_num: 1,
        vendor_id: '1d50',
        product_id: '614e',
        usb_location: '1:3',
        manufacturer: 'Klipper',
        product: 'rp2040',
        serial: 'E66058',
        class: 'Communications',
        subclass: null,
        protocol: null,
        description: 'OpenMoko, Inc. Klipper 3d-Printer Firmware',
      },
      {
        device_num: 1,
        bus_num: 1,
        vendor_id: '1d6b',
        product_id: '0002',
        usb_location: '1:1',
        manufacturer: 'Linux Foundation',
        product: '2.0 root hub',
        serial: null,
        class: 'Hub',
        subclass: null,
        protocol: 'Single TT',
        description: 'Linux Foundation 2.0 root hub',
      },
    ])
  })

  test('a device whose interfaces have classes of their own has none', async (t) => {
    const tree = await treeOf(t)
    tree.write({
      ids: list,
      ...usbFiles('bus/2-1', { bDeviceClass: '00', idVendor: 'abcd', idProduct: '0001' }),
    })
    const [only] = await look(tree)
    assert.deepEqual([only?.class, only?.description, only?.manufacturer], [null, null, null])
  })

  test('where there is none nothing is found', async (t) => {
    assert.deepEqual(await look(await treeOf(t)), [])
  })
})

describe('serial ports', () => {
  test('of a board, of the machine, and those that are not there', async (t) => {
    const tree = await treeOf(t)
    tree.write({
      ...usbFiles(board),
      'sys/class/tty/ttyAMA0/uartclk': '48000000\n',
      'sys/class/tty/ttyAMA0/port': '0x0\n',
      'sys/class/tty/ttyS7/uartclk': '1\n',
      'sys/class/tty/ttyS7/port': '0x2E8\n',
      'sys/class/tty/tty0/active': '\n',
    })
    tree.link({
      'sys/class/tty/ttyACM0/device': `${board}/1-1.2:1.0`,
      [`${board}/1-1.2:1.0/driver`]: 'sys/bus/usb/drivers/cdc_acm',
      'sys/class/tty/ttyAMA0/device': 'sys/devices/platform/uart0',
      'sys/devices/platform/uart0/driver': 'sys/bus/amba/drivers/uart-pl011',
      'sys/class/tty/ttyS7/device': 'sys/devices/platform/serial8250',
      'sys/devices/platform/serial8250/driver': 'sys/bus/platform/drivers/serial8250',
      'sys/class/tty/ttyX/device': 'sys/devices/platform/odd',
      'dev/serial/by-id/usb-Klipper_rp2040-if00': 'dev/ttyACM0',
      'dev/serial/by-path/platform-usb-0:1.2:1.0': 'dev/ttyACM0',
    })
    const found = await findSerialDevices(tree.roots, systemFiles)
    const byName = Object.fromEntries(found.map((device) => [device.device_name, device]))
    assert.deepEqual(Object.keys(byName).sort(), ['ttyACM0', 'ttyAMA0', 'ttyX'])
    assert.deepEqual(byName['ttyACM0'], {
      device_type: 'usb',
      device_path: tree.file('dev/ttyACM0'),
      device_name: 'ttyACM0',
      driver_name: 'cdc_acm',
      path_by_hardware: tree.file('dev/serial/by-path/platform-usb-0:1.2:1.0'),
      path_by_id: tree.file('dev/serial/by-id/usb-Klipper_rp2040-if00'),
      usb_location: '1:3',
    })
    const { device_type: type, driver_name: driver, usb_location: location } = byName['ttyAMA0'] ?? {}
    assert.deepEqual([type, driver, location], ['hardware_uart', 'uart-pl011', null])
    assert.equal(byName['ttyX']?.device_type, 'unknown')
  })
})

describe('cameras', () => {
  const told = {
    device_name: 'video0',
    device_path: '/dev/video0',
    camera_name: 'HD Webcam',
    driver_name: 'uvcvideo',
    hardware_bus: 'usb-1.2',
    capabilities: ['VIDEO_CAPTURE', 'STREAMING'],
    version: '6.6.31',
    modes: [{ format: 'MJPG', description: 'Motion-JPEG', flags: ['COMPRESSED'], resolutions: ['640x480'] }],
  }

  test('what the devices tell is joined with what is known of them', async (t) => {
    const tree = await treeOf(t)
    tree.write({
      ...usbFiles(board),
      'sys/class/video4linux/video0/name': 'HD Webcam: HD\n',
      'sys/class/video4linux/video10/name': 'x\n',
      'sys/class/video4linux/video2/name': 'y\n',
    })
    tree.link({
      'sys/class/video4linux/video0/device': `${board}/1-1.2:1.0`,
      'dev/v4l/by-id/usb-HD-index0': 'dev/video0',
    })
    const answer = { found: { v4l2: [told], libcamera: [] } }
    const { commands, asked } = answering({ stdout: JSON.stringify(answer) })
    const found = await findVideoDevices(tree.roots, systemFiles, commands)
    assert.deepEqual(found, {
      v4l2_devices: [
        {
          ...told,
          path_by_hardware: null,
          path_by_id: tree.file('dev/v4l/by-id/usb-HD-index0'),
          alt_name: 'HD Webcam: HD',
          usb_location: '1:3',
        },
      ],
      libcamera_devices: [],
    })
    assert.deepEqual(
      asked[0]?.argv.slice(3).map((file) => path.basename(file)),
      ['video0', 'video2', 'video10'],
    )
  })

  test('where the kernel knows none no program is started', async (t) => {
    const { commands, asked } = answering({})
    const tree = await treeOf(t)
    assert.deepEqual(await findVideoDevices(tree.roots, systemFiles, commands), {
      v4l2_devices: [],
      libcamera_devices: [],
    })
    assert.deepEqual(asked, [])
  })

  test('the program runs, and leaves out what is no camera', async (t) => {
    const tree = await treeOf(t)
    tree.write({ 'sys/class/video4linux/video0/name': 'x\n', 'dev/video0': 'no camera' })
    const found = await findVideoDevices(tree.roots, systemFiles, await realCommands())
    assert.deepEqual(found.v4l2_devices, [])
  })
})

describe('CAN buses', () => {
  test('what a kernel says that knows no such bus is told', async () => {
    await assert.rejects(queryCanBus('can9', await realCommands()), (thrown) => {
      assert.ok(kind('device_failed')(thrown))
      const { message } = thrown as Error
      assert.match(message, /Address family not supported|Unable to bind socket to interface 'can9'/)
      return true
    })
  })

  test('boards that answered', async () => {
    const found = [{ uuid: '11aabbccddee', application: 'Klipper' }]
    const { commands, asked } = answering({ stdout: JSON.stringify({ found }) })
    assert.deepEqual(await queryCanBus('can0', commands), found)
    assert.equal(asked[0]?.argv.at(-1), 'can0')
  })

  test('what is no name of an interface is asked of nobody', async () => {
    const { commands, asked } = answering({})
    for (const name of ['', '-c', 'can0;reboot', 'x'.repeat(16), '../can0'])
      await assert.rejects(queryCanBus(name, commands), kind('device_failed'))
    assert.deepEqual(asked, [])
  })

  test('a program that dies says why', async () => {
    const { commands } = answering({ code: 1, stderr: 'Traceback\nMemoryError\n' })
    await assert.rejects(queryCanBus('can0', commands), /MemoryError/)
  })
})
