import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { ThrottledState } from '../../src/contract/generated/types.js'
import { Pulse } from '../../src/machine/pulse.js'
import { createThrottling } from '../../src/machine/throttling.js'
import type { systemFiles } from '../../src/system/files.js'
import { answering } from '../support/commands.js'

const entry = { time: 1, cpu_usage: 2, memory: 3, mem_units: 'kB' }
const system = { cpu_temp: null, network: {}, system_cpu_usage: {}, system_memory: {} }

const rig = (t: TestContext, states: (ThrottledState | null)[]) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const count = { connections: 0, ticks: 0, samples: 0, asked: 0 }
  const told: { statistics: unknown[]; throttled: ThrottledState[] } = { statistics: [], throttled: [] }
  const pulse = new Pulse({
    statistics: {
      tick: () => {
        count.ticks += 1
        return entry
      },
      sample: () => {
        count.samples += 1
        return system
      },
    },
    throttling: {
      state: async () => {
        count.asked += 1
        return (states.length > 1 ? states.shift() : states[0]) ?? null
      },
    },
    connections: () => count.connections,
    told: {
      statistics: (update) => void told.statistics.push(update),
      throttled: (state) => void told.throttled.push(state),
    },
  })
  pulse.start()
  t.after(() => pulse.stop())
  const seconds = async (passed: number): Promise<void> => {
    for (let second = 0; second < passed; second += 1) {
      t.mock.timers.tick(1000)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { count, told, seconds, pulse }
}

test('without anybody to hear it only the history goes on', async (t) => {
  const { count, told, seconds } = rig(t, [null])
  await seconds(15)
  assert.deepEqual(count, { connections: 0, ticks: 15, samples: 0, asked: 0 })
  assert.deepEqual(told, { statistics: [], throttled: [] })
})

test('every second is told to those who are there', async (t) => {
  const { count, told, seconds, pulse } = rig(t, [null])
  count.connections = 2
  await seconds(3)
  const update = { moonraker_stats: entry, ...system, websocket_connections: 2 }
  assert.deepEqual(told.statistics, [update, update, update])
  pulse.stop()
  await seconds(3)
  assert.equal(told.statistics.length, 3)
})

test('throttling is asked for every ten seconds, and told when it changed', async (t) => {
  const low = { bits: 0x50005, flags: ['Under-Voltage Detected'] }
  const past = { bits: 0x50000, flags: ['Previously Under-Volted'] }
  const { count, told, seconds } = rig(t, [{ bits: 0, flags: [] }, low, low, past])
  count.connections = 1
  await seconds(41)
  assert.equal(count.asked, 5)
  assert.deepEqual(told.throttled, [low, past])
})

const present = { stat: async () => ({}) as Awaited<ReturnType<typeof systemFiles.stat>> }

test('the flags of the Raspberry Pi, by their names', async () => {
  const stateOf = (stdout: string, code = 0) =>
    createThrottling(present, answering({ stdout, code }).commands).state()
  assert.deepEqual(await stateOf('throttled=0x50005\n'), {
    bits: 0x50005,
    flags: [
      'Under-Voltage Detected',
      'Currently Throttled',
      'Previously Under-Volted',
      'Previously Throttled',
    ],
  })
  assert.deepEqual(await stateOf('throttled=0x0\n'), { bits: 0, flags: [] })
  assert.deepEqual(await stateOf('throttled=0xe000a\n'), {
    bits: 0xe000a,
    flags: [
      'Frequency Capped',
      'Temperature Limit Active',
      'Previously Frequency Capped',
      'Previously Throttled',
      'Previously Temperature Limited',
    ],
  })
  for (const [text, code] of [
    ['VCHI initialization failed\n', 255],
    ['throttled=0x0\n', 1],
    ['error=1', 0],
  ] as const)
    assert.deepEqual(await stateOf(text, code), { bits: 0, flags: ['?'] })
})

test('another machine is asked nothing, and looked at once', async () => {
  const { commands, asked } = answering({})
  let looks = 0
  const throttling = createThrottling(
    {
      stat: async () => {
        looks += 1
        return null
      },
    },
    commands,
  )
  for (let round = 0; round < 3; round += 1) assert.equal(await throttling.state(), null)
  assert.deepEqual([asked, looks], [[], 2])
})
