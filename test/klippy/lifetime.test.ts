import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { temporaryFolder } from '../support/folder.js'
import { klippyRig, readyRig, until } from '../support/klippy.js'

const anHour = 3_600_000

describe('stop', () => {
  test('while connecting', async (t) => {
    const { klippy, connection, states } = await klippyRig(t)
    await klippy.listen()
    connection.start()
    await connection.stop()
    assert.deepEqual(states, [])
    assert.equal(connection.state, 'disconnected')
  })

  test('while waiting for a Klipper that is absent', async (t) => {
    const { connection } = await klippyRig(t, { reconnectDelayMs: anHour })
    connection.start()
    assert.equal(await connection.waitForReady(20), false)
    await connection.stop()
  })

  test('while an answer is missing', async (t) => {
    const { klippy, connection, log } = await klippyRig(t)
    klippy.hold('info')
    await klippy.listen()
    connection.start()
    await klippy.untilAsked('info', 1)
    await connection.stop()
    klippy.release('info')
    assert.equal(connection.connected, false)
    assert.deepEqual(log.lines, [])
  })

  test('while Klipper starts', async (t) => {
    const { klippy, connection } = await klippyRig(t, { pollIntervalMs: anHour })
    klippy.set('webhooks', { state: 'startup' })
    await klippy.listen()
    connection.start()
    await until(connection, () => connection.state === 'startup')
    await connection.stop()
    assert.equal(connection.state, 'disconnected')
  })

  test('while ready: tells it, and does not come back', async (t) => {
    const { klippy, connection, states } = await readyRig(t)
    await Promise.all([connection.stop(), connection.stop()])
    await connection.stop()
    assert.deepEqual(states, ['startup', 'ready', 'disconnected'])
    assert.equal(await connection.waitForReady(50), false)
    assert.equal(klippy.connections, 1)
  })

  test('may be followed by start', async (t) => {
    const { klippy, connection } = await readyRig(t)
    await connection.stop()
    connection.start()
    assert.equal(await connection.waitForReady(10_000), true)
    assert.equal(klippy.connections, 2)
  })

  test('without start does nothing', async (t) => {
    const { connection } = await klippyRig(t)
    await connection.stop()
    assert.equal(connection.state, 'disconnected')
  })
})

describe('waitForReady', () => {
  test('resolves when a Klipper that restarts is back', async (t) => {
    const { klippy, connection } = await readyRig(t)
    assert.equal(await connection.waitForReady(0), true)
    await klippy.close()
    await until(connection, () => connection.state === 'disconnected')
    const waiting = connection.waitForReady(anHour)
    klippy.set('webhooks', { state: 'startup' })
    await klippy.listen()
    await until(connection, () => connection.state === 'startup')
    klippy.set('webhooks', { state: 'ready' })
    assert.equal(await waiting, true)
  })

  test('gives false when it takes too long', async (t) => {
    const { klippy, connection } = await klippyRig(t)
    klippy.set('webhooks', { state: 'error' })
    await klippy.listen()
    connection.start()
    assert.equal(await connection.waitForReady(50), false)
  })

  test('gives false at once when it is stopped', async (t) => {
    const { connection } = await klippyRig(t)
    connection.start()
    const waiting = connection.waitForReady(anHour)
    await connection.stop()
    assert.equal(await waiting, false)
  })

  test("rejects with the signal's reason", async (t) => {
    const { connection } = await klippyRig(t)
    connection.start()
    const control = new AbortController()
    const reason = new Error('cancelled by hand')
    const waiting = connection.waitForReady(anHour, control.signal)
    control.abort(reason)
    await assert.rejects(waiting, reason)
    await assert.rejects(connection.waitForReady(anHour, control.signal), reason)
  })
})

describe('onChange', () => {
  test('ends when asked to, for this registration only', async (t) => {
    const { klippy, connection } = await readyRig(t)
    let calls = 0
    const listener = (): void => void (calls += 1)
    connection.onChange(listener)
    const forget = connection.onChange(listener)
    forget()
    forget()
    klippy.set('print_stats', { state: 'printing' })
    await until(connection, () => connection.printing)
    assert.equal(calls, 1)
  })

  test('a listener that throws disturbs neither the others nor the connection', async (t) => {
    const { klippy, connection, log } = await readyRig(t)
    const forget = connection.onChange(() => {
      throw new Error('listener broken')
    })
    klippy.set('print_stats', { state: 'printing' })
    await until(connection, () => connection.printing)
    forget()
    klippy.set('print_stats', { state: 'paused' })
    await until(connection, () => !connection.printing)
    assert.equal(klippy.connections, 1)
    assert.match(JSON.stringify(log.lines), /listener broken/)
  })
})

describe('the process', () => {
  const run = promisify(execFile)
  const program = (socket: string, extra: string): string => `
    import { KlippyConnection } from ${JSON.stringify(new URL('../../src/klippy/connection.js', import.meta.url).href)}
    const log = { debug() {}, info() {}, warn() {} }
    const connection = new KlippyConnection({ path: ${JSON.stringify(socket)}, version: 'v1', log, ${extra} })
    connection.start()`

  test('is not kept alive by waiting for an absent Klipper', async (t) => {
    const socket = path.join(await temporaryFolder(t), 'klippy.sock')
    const script = program(socket, `reconnectDelayMs: ${anHour}`)
    await run(process.execPath, ['--input-type=module', '-e', script], { timeout: 30_000 })
  })

  test('collects no abort listeners over many tries', async (t) => {
    const socket = path.join(await temporaryFolder(t), 'klippy.sock')
    const script = `${program(socket, 'reconnectDelayMs: 1')}
      setTimeout(() => connection.stop(), 500)`
    const { stderr } = await run(process.execPath, ['--input-type=module', '-e', script], { timeout: 30_000 })
    assert.equal(stderr, '')
  })
})
