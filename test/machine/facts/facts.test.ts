import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readCpuInfo } from '../../../src/machine/facts/cpu.js'
import { readDistribution } from '../../../src/machine/facts/distribution.js'
import { readCanBuses, readNetwork } from '../../../src/machine/facts/network.js'
import { readPython } from '../../../src/machine/facts/python.js'
import { readSdCard } from '../../../src/machine/facts/sd-card.js'
import { detectVirtualization } from '../../../src/machine/facts/virtualization.js'
import { createSystemInfo } from '../../../src/machine/system-info.js'
import { systemFiles, type Files } from '../../../src/system/files.js'
import { answering, type Ends } from '../../support/commands.js'
import { realCommands } from '../../support/surroundings.js'

/** Files of another machine. */
const filesOf = (texts: Readonly<Record<string, string>>): Pick<Files, 'readText' | 'stat' | 'list'> => ({
  readText: async (file) => texts[file] ?? null,
  stat: async (file) => (file in texts ? ({} as Awaited<ReturnType<Files['stat']>>) : null),
  list: async (folder) => {
    const below = Object.keys(texts).filter((file) => file.startsWith(`${folder}/`))
    const names = new Set(below.map((file) => file.slice(folder.length + 1).split('/')[0] ?? ''))
    return [...names].map((name) => ({ name, kind: 'symlink' as const }))
  },
})

describe('the processor', () => {
  test('of a single board computer', () => {
    const cpuinfo = `processor\t: 0
model name\t: ARMv7 Processor rev 3 (v7l)
BogoMIPS\t: 108.00

processor\t: 1
model name\t: ARMv7 Processor rev 3 (v7l)

Hardware\t: BCM2711
Revision\t: c03112
Serial\t\t: 10000000a1b2c3d4
Model\t\t: Raspberry Pi 4 Model B Rev 1.2
`
    const sources = { cpuinfo, meminfo: 'MemTotal:        3884280 kB\n', count: 4 }
    assert.deepEqual(readCpuInfo({ ...sources, machine: 'armv7l', architecture: 'arm' }), {
      cpu_count: 4,
      bits: '32bit',
      processor: 'armv7l',
      cpu_desc: 'ARMv7 Processor rev 3 (v7l)',
      serial_number: '10000000a1b2c3d4',
      hardware_desc: 'BCM2711',
      model: 'Raspberry Pi 4 Model B Rev 1.2',
      total_memory: 3884280,
      memory_units: 'kB',
    })
  })

  test('where the kernel tells nothing', () => {
    const nothing = { cpuinfo: null, meminfo: null, count: 1, machine: 'x86_64', architecture: 'x64' }
    const { bits, cpu_desc: description, total_memory: memory } = readCpuInfo(nothing)
    assert.deepEqual([bits, description, memory], ['64bit', '', null])
  })

  test('zeros before a serial number are none of it', () => {
    const cpuinfo = 'Serial\t\t: 00000000000000ab\n'
    const sources = { cpuinfo, meminfo: null, count: 1, machine: 'x', architecture: 'arm64' }
    assert.equal(readCpuInfo(sources).serial_number, 'ab')
  })
})

describe('the distribution', () => {
  test('as os-release tells it', () => {
    const text = `PRETTY_NAME="Raspbian GNU/Linux 11 (bullseye)"
NAME="Raspbian GNU/Linux"
VERSION_ID="11.5"
VERSION_CODENAME=bullseye
ID=raspbian
ID_LIKE='debian'
# a comment
`
    assert.deepEqual(readDistribution(text, '6.1.21-v7l+'), {
      name: 'Raspbian GNU/Linux 11 (bullseye)',
      id: 'raspbian',
      version: '11.5',
      version_parts: { major: '11', minor: '5', build_number: '' },
      like: 'debian',
      codename: 'bullseye',
      release_info: {},
      kernel_version: '6.1.21-v7l+',
    })
  })

  test('that tells nothing', () => {
    const { name, id, version_parts: parts } = readDistribution(null, '6.1')
    assert.deepEqual([name, id, parts], ['', '', { major: '', minor: '', build_number: '' }])
  })
})

describe('the card', () => {
  test('of the second version (SDHC)', () => {
    const card = readSdCard('035344534333324780a2b4c6d8015500', '400e00325b590000edc87f800a404000\n')
    assert.deepEqual(card, {
      manufacturer_id: '03',
      manufacturer: 'Sandisk',
      oem_id: '5344',
      product_name: 'SC32G',
      product_revision: '8.0',
      serial_number: 'a2b4c6d8',
      manufacturer_date: '5/2021',
      capacity: '29.7 GiB',
      total_bytes: 31914983424,
    })
  })

  test('of the first version, of an unknown maker, and without a capacity', () => {
    const first = readSdCard('ff504155534420202010a0b0c0d00c71', '002e00325b5aa3a9ffffff800a800000')
    assert.deepEqual(
      [first.manufacturer, first.capacity, first.total_bytes],
      ['Unknown', '1876.0 MiB', 1967128576],
    )
    const none = readSdCard('ff504155534420202010a0b0c0d00c71', null)
    assert.deepEqual([none.capacity, none.total_bytes], ['Unknown', 0])
  })

  test('that is not there', () => {
    assert.deepEqual(readSdCard(null, null), {})
    assert.deepEqual(readSdCard('no register', null), {})
  })
})

describe('the network', () => {
  const address = (family: 'IPv4' | 'IPv6', text: string, mac = 'dc:a6:32:00:00:01') =>
    ({ family, address: text, mac, netmask: '', internal: false, cidr: null, scopeid: 0 }) as const

  test('wired and wireless interfaces that are up', async () => {
    const files = filesOf({
      '/sys/class/net/eth0/type': '1\n',
      '/sys/class/net/eth0/operstate': 'up\n',
      '/sys/class/net/docker0/type': '1\n',
      '/sys/class/net/docker0/operstate': 'down\n',
      '/sys/class/net/tun0/type': '65534\n',
      '/sys/class/net/tun0/operstate': 'up\n',
    })
    const addresses = {
      lo: [address('IPv4', '127.0.0.1')],
      eth0: [
        address('IPv4', '192.0.2.2'),
        address('IPv4', '169.254.1.1'),
        address('IPv6', '2001:db8::2'),
        address('IPv6', 'fe80::1'),
      ],
      docker0: [address('IPv4', '172.17.0.1')],
      tun0: [address('IPv4', '10.8.0.1')],
    }
    assert.deepEqual(await readNetwork(addresses, files), {
      eth0: {
        mac_address: 'dc:a6:32:00:00:01',
        ip_addresses: [
          { family: 'ipv4', address: '192.0.2.2', is_link_local: false },
          { family: 'ipv4', address: '169.254.1.1', is_link_local: true },
          { family: 'ipv6', address: '2001:db8::2', is_link_local: false },
          { family: 'ipv6', address: 'fe80::1', is_link_local: true },
        ],
      },
    })
  })

  const can = {
    '/sys/class/net/can0/type': '280\n',
    '/sys/class/net/can0/operstate': 'up\n',
    '/sys/class/net/can0/tx_queue_len': '128\n',
    '/sys/class/net/can1/type': '280\n',
    '/sys/class/net/can1/operstate': 'down\n',
  }

  test('CAN buses, with what only netlink tells', async () => {
    const details = [
      {
        ifname: 'can0',
        linkinfo: { info_data: { bittiming: { bitrate: 1000000 }, bittiming_const: { name: 'gs_usb' } } },
      },
    ]
    const { commands, asked } = answering({ stdout: JSON.stringify(details) })
    assert.deepEqual(await readCanBuses(filesOf(can), commands), {
      can0: { tx_queue_len: 128, bitrate: 1000000, driver: 'gs_usb' },
    })
    assert.equal(asked.length, 1)
    const silent = answering(new Error('no ip')).commands
    assert.deepEqual((await readCanBuses(filesOf(can), silent))['can0'], {
      tx_queue_len: 128,
      bitrate: -1,
      driver: 'unknown',
    })
  })

  test('without a bus no program is started', async () => {
    const { commands, asked } = answering({})
    assert.deepEqual(await readCanBuses(filesOf({ '/sys/class/net/eth0/type': '1' }), commands), {})
    assert.deepEqual(asked, [])
  })
})

describe('the virtualization', () => {
  const detect = (texts: Readonly<Record<string, string>>, said: Ends = { stdout: 'none\n', code: 1 }) =>
    detectVirtualization(filesOf(texts), answering(said).commands)
  const init = { '/proc/1/comm': 'systemd\n' }

  test('containers without an init of their own', async () => {
    const container = (id: string) => ({ virt_type: 'container', virt_identifier: id })
    assert.deepEqual(await detect({ ...init, '/proc/1/cgroup': '0::/docker/abc\n' }), container('docker'))
    assert.deepEqual(await detect({ ...init, '/proc/1/cgroup': '1:x:/lxc/abc\n' }), container('lxc'))
    assert.deepEqual(await detect({ '/proc/1/comm': 'node\n' }), container('lxc'))
    assert.deepEqual(await detect({ '/proc/1/comm': 'node\n', '/.dockerenv': '' }), container('docker'))
  })

  test('what systemd says of others', async () => {
    assert.deepEqual(await detect(init), { virt_type: 'none', virt_identifier: 'none' })
    assert.deepEqual(await detect(init, { stdout: 'kvm\n' }), { virt_type: 'vm', virt_identifier: 'kvm' })
    assert.deepEqual(await detect(init, { stdout: 'systemd-nspawn\n' }), {
      virt_type: 'container',
      virt_identifier: 'systemd-nspawn',
    })
    assert.deepEqual(await detect(init, new Error('none')), {
      virt_type: 'unknown',
      virt_identifier: 'unknown',
    })
  })
})

describe("the machine's Python", () => {
  test('is asked', async () => {
    const { version, version_string: text } = await readPython(await realCommands())
    assert.equal(version[0], 3)
    assert.equal(version[3], 'final')
    assert.match(text, /^3\.\d+/)
  })

  test('that is not there', async () => {
    assert.deepEqual(await readPython(answering(new Error('no')).commands), {
      version: [],
      version_string: '',
    })
  })
})

test('what does not change is read once', async () => {
  const { commands, asked } = answering({ stdout: 'none\n' })
  const info = createSystemInfo(systemFiles, commands)
  const [first, second] = [await info(), await info()]
  assert.equal(asked.filter(({ argv }) => argv[0] === 'python3').length, 1)
  assert.deepEqual(first.cpu_info, second.cpu_info)
  assert.ok(first.cpu_info.cpu_count > 0)
  assert.notEqual(first.distribution.kernel_version, '')
})
