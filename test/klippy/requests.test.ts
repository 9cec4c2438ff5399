import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { klippyRig, readyRig, until } from '../support/klippy.js'

describe('requests of clients', () => {
  test('are passed on as they are, and so are the answers', async (t) => {
    const { klippy, connection } = await readyRig(t)
    klippy.odd.set('gcode/help', { result: { G28: 'Home' } })
    assert.deepEqual(await connection.request('gcode/help', { odd: [1, null] }), { G28: 'Home' })
    assert.deepEqual(klippy.asked('gcode/help')[0]?.params, { odd: [1, null] })
  })

  const refusals: readonly [object, string][] = [
    [{ error: { error: 'WebRequestError', message: 'Must home axis first' } }, 'Must home axis first'],
    [{ error: 'plain text' }, 'plain text'],
    [{ error: { odd: 1 } }, 'Malformed Klippy Response'],
    [{}, 'Malformed Klippy Response'],
  ]
  for (const [answer, message] of refusals)
    test(`refused with ${JSON.stringify(answer)}`, async (t) => {
      const { klippy, connection } = await readyRig(t)
      klippy.odd.set('gcode/script', answer)
      await assert.rejects(connection.request('gcode/script', {}), { kind: 'klippy_refused', message })
      assert.equal(connection.state, 'ready')
    })

  test('that take long are waited for, beyond the limit for our own', async (t) => {
    const { klippy, connection } = await readyRig(t)
    klippy.hold('gcode/script')
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const script = connection.request('gcode/script', { script: 'PRINT' })
    await klippy.untilAsked('gcode/script', 1)
    t.mock.timers.tick(24 * 3_600_000)
    t.mock.timers.reset()
    klippy.release('gcode/script')
    assert.deepEqual(await script, {})
    assert.equal(klippy.connections, 1)
  })

  test('that are open when Klipper is killed are all answered', async (t) => {
    const { klippy, connection } = await readyRig(t)
    klippy.hold('gcode/script')
    const open = Array.from({ length: 20 }, () => connection.request('gcode/script', {}))
    await klippy.untilAsked('gcode/script', 20)
    klippy.drop()
    for (const request of open)
      await assert.rejects(request, { kind: 'klippy_disconnected', message: 'Klippy Disconnected' })
  })

  test('are refused where nobody is', async (t) => {
    const { klippy, connection } = await klippyRig(t)
    const refused = { kind: 'klippy_disconnected', message: 'Klippy Host not connected' }
    await assert.rejects(connection.request('info', {}), refused)
    connection.start()
    await connection.whenKnown(60_000)
    await assert.rejects(connection.request('emergency_stop', {}, true), refused)
    await klippy.listen()
    await until(connection, () => connection.state === 'ready')
    await connection.request('emergency_stop', {}, true)
  })

  test('reach a Klipper that does not even say what it is', async (t) => {
    const { klippy, connection } = await klippyRig(t)
    klippy.hold('info')
    await klippy.listen()
    connection.start()
    await klippy.untilAsked('info', 1)
    assert.equal(connection.connected, false)
    await connection.request('emergency_stop', {}, true)
    assert.equal(klippy.asked('emergency_stop').length, 1)
  })

  test('beyond what Klipper can owe are refused; an emergency stop goes out at once', async (t) => {
    const { klippy, connection } = await readyRig(t)
    klippy.hold('gcode/script')
    const open = Array.from({ length: 5_000 }, () => connection.request('gcode/script', {}))
    await assert.rejects(connection.request('gcode/script', {}), { kind: 'klippy_overloaded' })
    await connection.request('emergency_stop', {}, true)
    klippy.drop()
    const ends = await Promise.allSettled(open)
    assert.ok(ends.every(({ status }) => status === 'rejected'))
  })

  test('that a Klipper does not read are refused, before they fill the memory', async (t) => {
    const { klippy, connection } = await readyRig(t)
    klippy.deafen()
    const script = 'x'.repeat(256 * 1024)
    const refused: unknown[] = []
    const open = Array.from({ length: 40 }, () =>
      connection.request('gcode/script', { script }).catch((thrown: unknown) => void refused.push(thrown)),
    )
    await turn()
    const kinds = new Set(refused.map((thrown) => (thrown as { kind: string }).kind))
    assert.deepEqual([...kinds], ['klippy_overloaded'])
    assert.ok(refused.length > 30, `only ${refused.length} of 40 with 256 KiB each`)
    klippy.drop()
    await Promise.allSettled(open)
  })

  test('numbers that are none in JSON do not end the connection; text that looks like them stays', async (t) => {
    const { klippy, connection } = await readyRig(t)
    klippy.hold('gcode/help')
    const help = connection.request('gcode/help', {})
    await klippy.untilAsked('gcode/help', 1)
    const { id } = klippy.asked('gcode/help')[0] ?? {}
    klippy.sendRaw(`{"id":${id},"result":{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN \\" Infinity"}}\x03`)
    assert.deepEqual(await help, { a: null, b: [null, null], c: 'NaN " Infinity' })
  })
})

describe("Klipper's console", () => {
  test('is heard, also after a reconnect', async (t) => {
    const { klippy, connection } = await readyRig(t)
    const lines: string[] = []
    const heard = (): Promise<void> =>
      new Promise((resolve) => {
        const end = connection.onGcodeResponse((line) => {
          lines.push(line)
          end()
          resolve()
        })
      })
    const first = heard()
    klippy.print('// one')
    await first
    klippy.drop()
    await until(connection, () => connection.state === 'disconnected')
    await until(connection, () => connection.state === 'ready')
    const second = heard()
    klippy.print('!! two')
    await second
    assert.deepEqual(lines, ['// one', '!! two'])
  })

  test('that is refused keeps nothing else from working', async (t) => {
    const { klippy, connection } = await klippyRig(t)
    for (const method of ['gcode/subscribe_output', 'list_endpoints', 'register_remote_method'])
      klippy.odd.set(method, { error: { message: 'not now' } })
    connection.remoteMethods.register('reboot_machine', () => undefined)
    await klippy.listen()
    connection.start()
    assert.equal(await connection.waitForReady(60_000), true)
  })

  for (const params of ['null', '[1]', '{"response":5}', '"x"'])
    test(`a response that is none is passed over: ${params}`, async (t) => {
      const { klippy, connection } = await readyRig(t)
      const lines: string[] = []
      const heard = new Promise<void>((resolve) => {
        connection.onGcodeResponse((line) => {
          lines.push(line)
          resolve()
        })
      })
      klippy.sendRaw(`{"method":"moonkeeper_gcode_response","params":${params}}\x03`)
      klippy.print('// real')
      await heard
      assert.deepEqual(lines, ['// real'])
    })
})

describe('what Klipper calls', () => {
  test('is offered to it, at every connection, and called with its parameters', async (t) => {
    const { klippy, connection } = await klippyRig(t)
    const calls: unknown[] = []
    let called = (): void => undefined
    const again = (): Promise<void> => new Promise((resolve) => (called = resolve))
    connection.remoteMethods.register('reboot_machine', (params) => {
      calls.push(params)
      called()
    })
    await klippy.listen()
    connection.start()
    await until(connection, () => connection.state === 'ready')
    const first = again()
    assert.equal(klippy.callRemote('reboot_machine', { why: 'because' }), 1)
    await first
    klippy.drop()
    await until(connection, () => connection.state === 'disconnected')
    await until(connection, () => connection.state === 'ready')
    const second = again()
    assert.equal(klippy.callRemote('reboot_machine', {}), 1)
    await second
    assert.deepEqual(calls, [{ why: 'because' }, {}])
  })

  test('may be added later, and be taken away', async (t) => {
    const { klippy, connection, log } = await readyRig(t)
    const called = new Promise<void>((resolve) => {
      const forget = connection.remoteMethods.register('later', () => {
        forget()
        resolve()
      })
    })
    await klippy.untilAsked('register_remote_method', 1)
    klippy.callRemote('later', {})
    await called
    klippy.callRemote('later', {})
    klippy.set('print_stats', { state: 'printing' })
    await until(connection, () => connection.printing)
    assert.ok(log.lines.some(({ message }) => message === 'Klipper called what is not there'))
  })

  test('has a name of its own', async (t) => {
    const { connection } = await readyRig(t)
    connection.remoteMethods.register('mine', () => undefined)
    for (const name of ['mine', 'moonkeeper_status', 'moonkeeper_gcode_response'])
      assert.throws(() => connection.remoteMethods.register(name, () => undefined), /already registered/)
  })

  for (const fail of [
    () => {
      throw new Error('broken at once')
    },
    () => Promise.reject(new Error('broken later')),
  ])
    test('and that fails is logged, and disturbs nothing', async (t) => {
      const { klippy, connection, log } = await readyRig(t)
      connection.remoteMethods.register('fails', fail)
      await klippy.untilAsked('register_remote_method', 1)
      klippy.callRemote('fails', {})
      klippy.set('print_stats', { state: 'printing' })
      await until(connection, () => connection.printing)
      assert.match(JSON.stringify(log.lines), /broken (at once|later)/)
    })
})

describe('endpoints', () => {
  test('become methods, but for those between Klipper and this server', async (t) => {
    const { klippy, connection } = await klippyRig(t)
    klippy.endpoints = [
      'bed_mesh/dump_mesh',
      '/odd/',
      'list_endpoints',
      'register_remote_method',
      'a b',
      '../x',
      '',
    ]
    await klippy.listen()
    connection.start()
    await until(connection, () => connection.state === 'ready')
    const of = (method: string): string | null => connection.endpoints.of(method)
    assert.equal(of('printer.bed_mesh.dump_mesh'), 'bed_mesh/dump_mesh')
    assert.equal(of('printer.odd'), 'odd')
    for (const name of [
      'list_endpoints',
      'register_remote_method',
      'gcode.subscribe_output',
      'a b',
      '...x',
      '',
    ])
      assert.equal(of(`printer.${name}`), null)
    await klippy.close()
    await until(connection, () => connection.state === 'disconnected')
    assert.equal(of('printer.odd'), 'odd')
  })
})
