import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SystemStatistics } from '../../src/contract/generated/types.js'
import { Statistics } from '../../src/machine/statistics.js'
import { kernelFiles } from '../../src/system/kernel-files.js'
import { fakeKernel } from '../support/kernel.js'

interface Rig {
  readonly statistics: Statistics
  readonly texts: Map<string, string>
  readonly opened: Set<string>
  readonly usage: { cpu: number; memory: number }
  readonly time: { now: number; elapsed: number }
}

const rig = (texts: Readonly<Record<string, string>> = {}): Rig => {
  const known = new Map(Object.entries(texts))
  const files = fakeKernel(known)
  const usage = { cpu: 1_000_000, memory: 60 * 1024 * 1024 }
  const time = { now: 1_700_000_000_500, elapsed: 5_000 }
  const statistics = new Statistics({
    files,
    usage: () => ({ ...usage }),
    now: () => time.now,
    elapsed: () => time.elapsed,
  })
  return { statistics, texts: known, opened: files.opened, usage, time }
}

/** @param figures rx and tx bytes */
const devices = (figures: Readonly<Record<string, readonly [number, number]>>): string =>
  [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    ...Object.entries(figures).map(
      ([name, [rx, tx]]) => `${name}: ${rx} 2 3 4 5 6 7 8 ${tx} 10 11 12 13 14 15 16`,
    ),
  ].join('\n')

test('the process: percent of a core since the entry before, and what it occupies', () => {
  const { statistics, usage, time } = rig()
  usage.cpu += 2_500
  time.elapsed += 1_000
  assert.deepEqual(statistics.tick(), {
    time: 1_700_000_000.5,
    cpu_usage: 0.25,
    memory: 61_440,
    mem_units: 'kB',
  })
  usage.cpu += 3_000_000
  time.elapsed += 2_000
  assert.equal(statistics.tick().cpu_usage, 150)
})

test('thirty entries are kept, the oldest first, and nothing of the machine is read for them', () => {
  const { statistics, time, opened } = rig()
  for (let second = 0; second < 40; second += 1) {
    time.now += 1000
    time.elapsed += 1000
    statistics.tick()
  }
  const times = statistics.history.map(({ time: at }) => at - 1_700_000_000.5)
  assert.deepEqual(
    times,
    Array.from({ length: 30 }, (_, index) => index + 11),
  )
  assert.equal(opened.has('/proc/stat'), false)
  assert.equal(opened.has('/proc/net/dev'), false)
})

test('the network: counters, and bytes in a second both ways', () => {
  const { statistics, texts, time } = rig({ '/proc/net/dev': devices({ lo: [100, 200], eth0: [1000, 0] }) })
  const first = statistics.sample().network
  assert.deepEqual(first['lo'], {
    rx_bytes: 100,
    tx_bytes: 200,
    rx_packets: 2,
    tx_packets: 10,
    rx_errs: 3,
    tx_errs: 11,
    rx_drop: 4,
    tx_drop: 12,
    bandwidth: 0,
  })
  texts.set('/proc/net/dev', devices({ lo: [100, 200], eth0: [4000, 1000], 'wlan0.7': [5, 5] }))
  time.elapsed += 2_000
  const { network } = statistics.sample()
  assert.deepEqual(
    Object.entries(network).map(([name, { bandwidth }]) => [name, bandwidth]),
    [
      ['lo', 0],
      ['eth0', 2000],
      ['wlan0.7', 0],
    ],
  )
})

test('processors: all together and each, since the last look; nothing at the first', () => {
  const { statistics, texts, time } = rig({
    '/proc/stat': 'cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 50 0 50 400 0 0 0 0 0 0\nintr 5 6\ncpux 1\n',
  })
  assert.deepEqual(statistics.sample().system_cpu_usage, {})
  texts.set('/proc/stat', 'cpu  110 0 110 880 0 0 0 0 0 0\ncpu0 50 0 50 500 0 0 0 0 0 0\nctxt 1\n')
  time.elapsed += 1_000
  assert.deepEqual(statistics.sample().system_cpu_usage, { cpu: 20, cpu0: 0 })
})

test('of less than a second nothing new is said', () => {
  const { statistics, texts, time } = rig({ '/proc/stat': 'cpu  100 0 0 100\n' })
  const first = statistics.sample()
  texts.set('/proc/stat', 'cpu  200 0 0 100\n')
  time.elapsed += 899
  assert.equal(statistics.sample(), first)
  time.elapsed += 1
  assert.deepEqual(statistics.sample().system_cpu_usage, { cpu: 100 })
})

test('memory, temperature and uptime, where the kernel tells them', () => {
  const { statistics } = rig({
    '/proc/meminfo': 'MemTotal:  1000 kB\nMemFree:  1 kB\nMemAvailable:   400 kB\n',
    '/sys/class/hwmon/hwmon0/name': 'nvme\n',
    '/sys/class/hwmon/hwmon0/temp1_input': '11000\n',
    '/sys/class/hwmon/hwmon1/name': 'cpu_thermal\n',
    '/sys/class/hwmon/hwmon1/temp1_input': '48312\n',
    '/sys/class/thermal/thermal_zone0/temp': '22000\n',
    '/proc/uptime': '2988.36 5000.11\n',
  })
  const { system_memory: memory, cpu_temp: temperature } = statistics.sample()
  assert.deepEqual(memory, { total: 1000, available: 400, used: 600 })
  assert.equal(temperature, 48.312)
  assert.equal(statistics.uptime(), 2988.36)
  const zone = rig({ '/sys/class/thermal/thermal_zone0/temp': '22000\n' }).statistics
  assert.equal(zone.sample().cpu_temp, 22)
  const nothing: SystemStatistics = rig().statistics.sample()
  assert.deepEqual(nothing, { cpu_temp: null, network: {}, system_cpu_usage: {}, system_memory: {} })
})

test('on this machine', () => {
  const statistics = new Statistics({
    files: kernelFiles,
    usage: () => ({ cpu: 0, memory: 0 }),
    now: Date.now,
    elapsed: () => performance.now(),
  })
  const { network, system_memory: memory } = statistics.sample()
  assert.ok(network['lo'] !== undefined)
  assert.ok((memory.total ?? 0) > (memory.available ?? Infinity))
  assert.ok(statistics.uptime() > 0)
  statistics.close()
})

test('at its end every file is closed', () => {
  const { statistics, opened } = rig({ '/proc/stat': 'cpu 1 2 3 4\n' })
  statistics.sample()
  statistics.uptime()
  assert.ok(opened.size > 0)
  statistics.close()
  assert.deepEqual([...opened], [])
})
