import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { TemperatureStore } from '../../src/klippy/temperature-store.js'
import { readyRig, until, type KlippyRig } from '../support/klippy.js'

interface Rig extends KlippyRig {
  readonly store: TemperatureStore
}

const sensors = {
  available_sensors: ['extruder', 'heater_fan nozzle', 'odd'],
  available_monitors: ['tmc2240 x'],
}

const storeOf = (rig: KlippyRig, most: number): TemperatureStore => {
  const { connection, log } = rig
  const { subscriptions } = connection
  const source = {
    request: (endpoint: string, params: object) => connection.request(endpoint, params),
    subscribe: subscriptions.subscribe.bind(subscriptions),
    drop: subscriptions.drop.bind(subscriptions),
    fields: (name: string) => subscriptions.cache.fields(name),
  }
  return new TemperatureStore(source, most, log)
}

const rig = async (t: TestContext, most = 4): Promise<Rig> => {
  const klippyRig = await readyRig(t)
  const { klippy } = klippyRig
  klippy.setUnheard('heaters', sensors)
  klippy.setUnheard('extruder', { temperature: 21.456, target: 0, power: 0, can_extrude: false })
  klippy.setUnheard('heater_fan nozzle', { speed: 0.5, rpm: null })
  klippy.setUnheard('odd', { value: 3 })
  klippy.setUnheard('tmc2240 x', { temperature: null })
  const store = storeOf(klippyRig, most)
  t.after(() => store.stop())
  return { ...klippyRig, store }
}

/** Klipper's change has arrived. */
const arrived = async (
  { connection, klippy }: Rig,
  object: string,
  fields: Record<string, unknown>,
): Promise<void> => {
  klippy.set(object, fields)
  klippy.set('print_stats', { state: connection.printing ? 'standby' : 'printing' })
  const was = connection.printing
  await until(connection, () => connection.printing !== was)
}

describe('temperatures', () => {
  test('of every sensor that has some, a value a second, as many as fit', async (t) => {
    const found = await rig(t)
    const { store } = found
    store.begin()
    assert.deepEqual(await store.read(true), {
      extruder: { temperatures: [21.46], targets: [0], powers: [0] },
      'heater_fan nozzle': { speeds: [0.5] },
      'tmc2240 x': { temperatures: [null] },
    })
    store.note()
    await arrived(found, 'extruder', { temperature: 22, target: 200 })
    await arrived(found, 'tmc2240 x', { temperature: 40.001 })
    for (let second = 0; second < 3; second += 1) store.note()
    const kept = await store.read(true)
    assert.deepEqual(kept.extruder, {
      temperatures: [21.46, 22, 22, 22],
      targets: [0, 200, 200, 200],
      powers: [0, 0, 0, 0],
    })
    assert.deepEqual(kept['tmc2240 x'], { temperatures: [null, 40, 40, 40] })
    assert.deepEqual(Object.keys(await store.read(false)), ['extruder', 'heater_fan nozzle'])
  })

  test('go on over a restart, with the sensors there are then', async (t) => {
    const found = await rig(t)
    const { store, klippy, connection } = found
    store.begin()
    await store.read(false)
    await klippy.close()
    await until(connection, () => connection.state === 'disconnected')
    store.note()
    klippy.setUnheard('heaters', { available_sensors: ['extruder', 'bed'], available_monitors: [] })
    klippy.setUnheard('bed', { temperature: 18 })
    klippy.setUnheard('extruder', { temperature: 25 })
    await klippy.listen()
    await until(connection, () => connection.state === 'ready')
    store.begin()
    assert.deepEqual(await store.read(true), {
      extruder: { temperatures: [21.46, 21.46, 25], targets: [0, 0, 0], powers: [0, 0, 0] },
      bed: { temperatures: [18] },
    })
  })

  test('are waited for while they are looked for', async (t) => {
    const { store, klippy } = await rig(t)
    klippy.hold('objects/query')
    store.begin()
    const read = store.read(false)
    await klippy.untilAsked('objects/query', 1)
    klippy.release('objects/query')
    assert.deepEqual(Object.keys(await read), ['extruder', 'heater_fan nozzle'])
  })

  test('a printer without sensors has none', async (t) => {
    const { store, klippy } = await rig(t)
    klippy.setUnheard('heaters', { available_sensors: [], available_monitors: undefined })
    store.begin()
    assert.deepEqual(await store.read(true), {})
  })

  for (const [what, heaters] of [
    ['no list', { available_sensors: 'extruder', available_monitors: 5 }],
    ['a list of odd things', { available_sensors: [1, null, {}], available_monitors: null }],
  ] as const)
    test(`${what} is none`, async (t) => {
      const { store, klippy } = await rig(t)
      klippy.setUnheard('heaters', heaters)
      store.begin()
      assert.deepEqual(await store.read(true), {})
    })

  test('a Klipper that refuses is noted, and nothing is lost', async (t) => {
    const { store, klippy, log } = await rig(t)
    store.begin()
    await store.read(true)
    klippy.odd.set('objects/query', { error: { message: 'Not now' } })
    store.begin()
    assert.equal(Object.keys(await store.read(true)).length, 3)
    assert.match(JSON.stringify(log.lines), /Not now/)
  })

  test('of two looks only the last counts', async (t) => {
    const { store, klippy } = await rig(t)
    klippy.hold('objects/query')
    store.begin()
    await klippy.untilAsked('objects/query', 1)
    store.begin()
    await klippy.untilAsked('objects/query', 2)
    klippy.release('objects/query')
    await store.read(true)
    const { extruder } = await store.read(true)
    assert.deepEqual(extruder?.temperatures, [21.46])
  })

  test('a store of none keeps nothing, and knows the sensors', async (t) => {
    const { store } = { ...(await rig(t, 0)) }
    store.begin()
    store.note()
    assert.deepEqual((await store.read(false)).extruder, { temperatures: [], targets: [], powers: [] })
  })
})
