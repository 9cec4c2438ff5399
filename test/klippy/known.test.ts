import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Pace } from '../../src/klippy/pace.js'
import { klippyRig, readyRig, until } from '../support/klippy.js'

const anHour = 3_600_000

describe('whether a print runs is', () => {
  test('not known before anybody looked', async (t) => {
    const { connection } = await klippyRig(t)
    assert.equal(connection.known, false)
    assert.equal(await connection.whenKnown(20), false)
  })

  test('known where nobody listens', async (t) => {
    const { connection } = await klippyRig(t)
    connection.start()
    assert.equal(await connection.whenKnown(anHour), true)
    assert.equal(connection.printing, false)
  })

  for (const method of ['info', 'objects/list', 'objects/subscribe'])
    test(`not known while a Klipper does not answer ${method}`, async (t) => {
      const { klippy, connection } = await klippyRig(t)
      klippy.set('print_stats', { state: 'printing' })
      klippy.hold(method)
      await klippy.listen()
      connection.start()
      await klippy.untilAsked(method, 1)
      assert.equal(await connection.whenKnown(20), false)
      const known = connection.whenKnown(anHour)
      klippy.release(method)
      assert.equal(await known, true)
      assert.equal(connection.printing, true)
    })

  test('not known either when the connection to it is made anew', async (t) => {
    const { klippy, connection } = await klippyRig(t, { requestLimitMs: 100 })
    klippy.hold('info')
    await klippy.listen()
    connection.start()
    await klippy.untilAsked('info', 3)
    assert.equal(connection.known, false)
  })

  for (const state of ['startup', 'error', 'shutdown'])
    test(`known of one in ${state}`, async (t) => {
      const { klippy, connection } = await klippyRig(t, { pollIntervalMs: anHour })
      klippy.set('webhooks', { state })
      await klippy.listen()
      connection.start()
      assert.equal(await connection.whenKnown(anHour), true)
      await until(connection, () => connection.state === state)
    })

  test('not known when the connection to a print is lost, until it is back', async (t) => {
    const { klippy, connection } = await readyRig(t)
    klippy.set('print_stats', { state: 'printing' })
    await until(connection, () => connection.printing)
    klippy.hold('info')
    klippy.drop()
    await until(connection, () => !connection.connected)
    assert.deepEqual([connection.known, connection.printing], [false, false])
    await klippy.untilAsked('info', 2)
    assert.equal(connection.known, false)
    klippy.release('info')
    await until(connection, () => connection.known)
    assert.equal(connection.printing, true)
  })

  test('known again when it turns out that Klipper ended', async (t) => {
    const { klippy, connection } = await readyRig(t)
    await klippy.close()
    assert.equal(await connection.whenKnown(anHour), true)
    await until(connection, () => connection.state === 'disconnected')
    assert.equal(connection.printing, false)
  })

  test('known of one that has just appeared and does not answer: it never was ready', async (t) => {
    const { klippy, connection } = await klippyRig(t, { requestLimitMs: 100 })
    connection.start()
    await connection.whenKnown(anHour)
    klippy.hold('info')
    await klippy.listen()
    await klippy.untilAsked('info', 3)
    assert.equal(connection.known, true)
    klippy.release('info')
    assert.equal(await connection.waitForReady(anHour), true)
  })
})

describe('the pace of tries', () => {
  const scene = (): { pace: Pace; pass: (milliseconds: number) => void } => {
    let now = 0
    const pace = new Pace(1_000, () => now)
    return { pace, pass: (milliseconds) => void (now += milliseconds) }
  }

  test('is quick at first, and then at leisure', () => {
    const { pace } = scene()
    const delays = Array.from({ length: 30 }, () => pace.next(false))
    assert.equal(delays[0], 0)
    assert.deepEqual(
      delays,
      delays.toSorted((a, b) => a - b),
    )
    assert.equal(delays.at(-1), 1_000)
    const sum = delays.slice(0, 10).reduce((all, delay) => all + delay, 0)
    assert.ok(sum < 3_000, `${sum} ms for ten tries`)
  })

  test('is quick again after a connection that lasted, and only then', () => {
    const { pace, pass } = scene()
    for (let tries = 0; tries < 30; tries += 1) pass(pace.next(false))
    pass(100)
    assert.equal(pace.next(true), 1_000)
    pass(1_000 + 60_000)
    assert.equal(pace.next(false), 1_000)
    pass(1_000 + 60_000)
    assert.equal(pace.next(true), 0)
  })
})
