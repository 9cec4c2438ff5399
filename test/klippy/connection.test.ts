import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { describe, test } from 'node:test'
import { klippyRig, readyRig, until } from '../support/klippy.js'

const disconnected = { connected: false, state: 'disconnected', printing: false }

describe('finding Klipper', () => {
  test('an absent Klipper is waited for, logged once, and found when it appears', async (t) => {
    const lines: string[] = []
    const logged = new EventEmitter()
    const write = (_fields: object, message: string): void => {
      lines.push(message)
      logged.emit('line')
    }
    const firstLine = once(logged, 'line')
    const { klippy, connection, states } = await klippyRig(t, { log: { info: write, warn: write } })
    delete klippy.objects.display_status
    connection.start()
    await firstLine
    assert.equal(await connection.waitForReady(50), false)
    assert.deepEqual(lines, ['Klipper is not there, waiting for it'])
    assert.deepEqual(
      { ...disconnected, install: null },
      pick(connection, [...Object.keys(disconnected), 'install']),
    )

    await klippy.listen()
    await until(connection, () => connection.state === 'ready')
    assert.deepEqual(states, ['startup', 'ready'])
    assert.equal(connection.connected, true)
    assert.equal(connection.printing, false)
    assert.deepEqual(connection.missingRequirements, ['display_status'])
    const install = { path: '/home/pi/klipper', executable: '/home/pi/klippy-env/bin/python' }
    assert.deepEqual(connection.install, install)
  })

  test('a Klipper that starts is asked again and again, and introduced to once', async (t) => {
    const { klippy, connection } = await klippyRig(t)
    klippy.set('webhooks', { state: 'startup', state_message: 'Printer is not ready' })
    await klippy.listen()
    connection.start()
    await klippy.untilAsked('info', 3)
    assert.equal(connection.state, 'startup')
    assert.equal(connection.connected, true)
    assert.deepEqual(klippy.asked('objects/subscribe'), [])
    klippy.set('webhooks', { state: 'ready' })
    await until(connection, () => connection.state === 'ready')
    const introductions = klippy.asked('info').map(({ params }) => params.client_info)
    assert.deepEqual(introductions[0], { program: 'Moonkeeper', version: 'v1.2.3' })
    assert.ok(introductions.slice(1).every((introduction) => introduction === undefined))
    assert.equal(klippy.connections, 1)
  })

  test('a Klipper that is ready is asked nothing more', async (t) => {
    const { klippy } = await readyRig(t)
    const methods = klippy.requests.map(({ method }) => method)
    const learned = ['info', 'objects/list', 'list_endpoints', 'gcode/subscribe_output', 'objects/subscribe']
    assert.deepEqual(methods, learned)
    assert.deepEqual(klippy.requests.at(-1)?.params.objects, {
      webhooks: ['state', 'state_message'],
      print_stats: ['state'],
    })
  })

  test('start twice connects once', async (t) => {
    const { klippy, connection } = await klippyRig(t)
    await klippy.listen()
    connection.start()
    connection.start()
    assert.equal(await connection.waitForReady(10_000), true)
    assert.equal(klippy.connections, 1)
  })

  test('a Klipper with a faulty configuration is in error, and nothing counts as missing', async (t) => {
    const { klippy, connection, states } = await klippyRig(t)
    klippy.set('webhooks', { state: 'error', state_message: 'Option missing' })
    delete klippy.objects.print_stats
    delete klippy.objects.virtual_sdcard
    await klippy.listen()
    connection.start()
    await until(connection, () => connection.state === 'error')
    assert.deepEqual(connection.missingRequirements, [])
    assert.deepEqual(states, ['startup', 'error'])
  })

  test('a state that is not known does not count as ready', async (t) => {
    const { klippy, connection } = await readyRig(t)
    klippy.set('webhooks', { state: 'daydreaming' })
    await until(connection, () => connection.state === 'error')
  })
})

describe('printing', () => {
  test('follows print_stats: printing, paused, printing', async (t) => {
    const { klippy, connection } = await readyRig(t)
    const seen: boolean[] = []
    connection.onChange(() => seen.push(connection.printing))
    for (const state of ['printing', 'paused', 'printing', 'complete']) {
      klippy.set('print_stats', { state })
      await until(connection, () => connection.printing === (state === 'printing'))
    }
    assert.deepEqual(seen, [true, false, true, false])
  })

  test('a print that already runs is known as soon as Klipper counts as ready', async (t) => {
    const { klippy, connection } = await klippyRig(t)
    const readyWithout: boolean[] = []
    connection.onChange(() => {
      if (connection.state === 'ready') readyWithout.push(!connection.printing)
    })
    klippy.set('print_stats', { state: 'printing' })
    klippy.hold('objects/subscribe')
    await klippy.listen()
    connection.start()
    await klippy.untilAsked('objects/subscribe', 1)
    assert.equal(connection.state, 'startup')
    klippy.release('objects/subscribe')
    await until(connection, () => connection.state === 'ready')
    assert.deepEqual(readyWithout, [false])
  })

  test("a push right behind the subscription's answer wins", async (t) => {
    const { klippy, connection } = await klippyRig(t)
    klippy.hold('objects/subscribe')
    await klippy.listen()
    connection.start()
    await klippy.untilAsked('objects/subscribe', 1)
    const template = klippy.asked('objects/subscribe')[0]?.params.response_template as Record<string, unknown>
    klippy.behindSubscription = klippy.push(template, { print_stats: { state: 'printing' } })
    klippy.release('objects/subscribe')
    await until(connection, () => connection.state === 'ready')
    assert.equal(connection.printing, true)
  })

  test('a shutdown ends it, on the same connection', async (t) => {
    const { klippy, connection, states } = await readyRig(t)
    klippy.set('print_stats', { state: 'printing' })
    await until(connection, () => connection.printing)
    klippy.set('webhooks', { state: 'shutdown', state_message: 'Lost communication with MCU' })
    await until(connection, () => connection.state === 'shutdown')
    assert.equal(connection.printing, false)
    assert.equal(connection.connected, true)
    assert.equal(klippy.connections, 1)
    assert.deepEqual(states, ['startup', 'ready', 'shutdown'])
  })

  test('a Klipper that says startup on a living connection is learned anew', async (t) => {
    const { klippy, connection } = await readyRig(t)
    klippy.set('webhooks', { state: 'startup' })
    await until(connection, () => connection.state === 'startup')
    delete klippy.objects.pause_resume
    klippy.set('print_stats', { state: 'printing' })
    klippy.set('webhooks', { state: 'ready' })
    await until(connection, () => connection.state === 'ready')
    assert.equal(connection.printing, true)
    assert.deepEqual(connection.missingRequirements, ['pause_resume'])
    assert.equal(klippy.connections, 1)
  })

  test('pushes for others and answers to nothing change nothing', async (t) => {
    const { klippy, connection } = await readyRig(t)
    const status = { print_stats: { state: 'printing' }, webhooks: { state: 'shutdown' } }
    klippy.sendRaw(`${JSON.stringify({ method: 'process_gcode_response', params: { status } })}\x03`)
    klippy.sendRaw(`${JSON.stringify({ id: 4711, result: { status } })}\x03{"id":"x"}\x03{}\x03`)
    let changes = 0
    connection.onChange(() => (changes += 1))
    klippy.set('print_stats', { state: 'printing' })
    await until(connection, () => connection.printing)
    assert.equal(connection.state, 'ready')
    assert.equal(changes, 1)
  })
})

describe('losing Klipper', () => {
  test('a lost connection ends printing, and is made anew with a subscription', async (t) => {
    const { klippy, connection, states } = await readyRig(t)
    klippy.set('print_stats', { state: 'printing' })
    await until(connection, () => connection.printing)
    const { install } = connection
    klippy.drop()
    await until(connection, () => !connection.connected)
    assert.deepEqual(
      { ...disconnected, install },
      pick(connection, [...Object.keys(disconnected), 'install']),
    )
    await until(connection, () => connection.state === 'ready')
    assert.equal(connection.printing, true)
    klippy.set('print_stats', { state: 'complete' })
    await until(connection, () => !connection.printing)
    assert.equal(klippy.asked('objects/subscribe').length, 2)
    assert.deepEqual(states, ['startup', 'ready', 'disconnected', 'startup', 'ready'])
  })

  test('a Klipper that went away and came back is found, with what is new about it', async (t) => {
    const { klippy, connection } = await readyRig(t)
    await klippy.close()
    await until(connection, () => connection.state === 'disconnected')
    delete klippy.objects.virtual_sdcard
    await klippy.listen()
    assert.equal(await connection.waitForReady(10_000), true)
    assert.deepEqual(connection.missingRequirements, ['virtual_sdcard'])
  })

  const garbage: [string, string | Buffer, RegExp][] = [
    ['no JSON', 'HTTP/1.1 400 Bad Request\x03', /not JSON/],
    ['binary', Buffer.from([0xff, 0x00, 0xfe, 0x03]), /not JSON/],
    ['a JSON list', '[1]\x03', /not an object/],
    ['a JSON null', 'null\x03', /not an object/],
    ['a frame over the limit', `{"text":"${'x'.repeat(5_000)}"}\x03`, /over 4096 bytes/],
    ['a frame that never ends', 'x'.repeat(5_000), /over 4096 bytes/],
  ]
  for (const [name, bytes, reason] of garbage) {
    test(`garbage ends the connection and a new one is made: ${name}`, async (t) => {
      const { klippy, connection, log } = await readyRig(t, { frameLimitBytes: 4096 })
      klippy.sendRaw(bytes)
      await until(connection, () => connection.state === 'disconnected')
      assert.equal(await connection.waitForReady(10_000), true)
      assert.equal(klippy.connections, 2)
      assert.ok(
        log.lines.some(({ level, fields }) => level === 'warn' && reason.test(JSON.stringify(fields))),
      )
    })
  }

  const answers: [string, object][] = [
    ['info', { result: { hostname: 'no state' } }],
    ['info', { result: null }],
    ['objects/list', { result: {} }],
    ['objects/list', { error: { error: 'WebRequestError', message: 'not now' } }],
    ['objects/subscribe', { error: 'not now' }],
    ['objects/subscribe', {}],
  ]
  for (const [method, answer] of answers) {
    test(`an answer that cannot be used is not ready: ${method} ${JSON.stringify(answer)}`, async (t) => {
      const { klippy, connection, states } = await klippyRig(t)
      klippy.odd.set(method, answer)
      await klippy.listen()
      connection.start()
      await klippy.untilAsked(method, 3)
      assert.ok(!states.includes('ready'))
      klippy.odd.clear()
      assert.equal(await connection.waitForReady(10_000), true)
    })
  }
})

describe('slow answers', () => {
  test('within the time limit they are waited for', async (t) => {
    const { klippy, connection } = await klippyRig(t)
    for (const method of ['info', 'objects/list', 'objects/subscribe']) klippy.hold(method)
    await klippy.listen()
    connection.start()
    await klippy.untilAsked('info', 1)
    assert.deepEqual(pick(connection, Object.keys(disconnected)), disconnected)
    klippy.release('info')
    await klippy.untilAsked('objects/list', 1)
    assert.deepEqual([connection.connected, connection.state], [true, 'startup'])
    klippy.release('objects/list')
    await klippy.untilAsked('objects/subscribe', 1)
    klippy.release('objects/subscribe')
    await until(connection, () => connection.state === 'ready')
    assert.equal(klippy.connections, 1)
  })

  for (const method of ['info', 'objects/list', 'objects/subscribe']) {
    test(`over the time limit the connection is made anew: ${method}`, async (t) => {
      const { klippy, connection, log } = await klippyRig(t, { requestLimitMs: 200 })
      klippy.hold(method)
      await klippy.listen()
      connection.start()
      await klippy.untilAsked(method, 2)
      assert.ok(klippy.connections >= 2)
      assert.match(JSON.stringify(log.lines), new RegExp(`did not answer ${method} within 200 ms`))
      klippy.release(method)
      assert.equal(await connection.waitForReady(10_000), true)
    })
  }
})

const pick = (from: object, names: string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, (from as Record<string, unknown>)[name]]))
