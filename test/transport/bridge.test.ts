import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { until } from '../support/klippy.js'
import { printerRig } from '../support/printer.js'
import { fakeCaller } from '../support/rpc.js'
import { openDeaf, openClient, openRaw, readAll } from '../support/socket.js'

/** The answer to a handshake that is refused: its first line, and its text. */
const refusalOf = async (port: number, headers = ''): Promise<readonly [string, string]> => {
  const socket = await openRaw(port)
  const reply = readAll(socket)
  socket.write(
    `GET /klippysocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${headers}` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  const [head = '', body = ''] = (await reply).split('\r\n\r\n')
  return [head.split('\r\n', 1)[0] ?? '', body]
}

describe('the bridge', () => {
  test("speaks Klipper's own language, on a connection of its own", async (t) => {
    const rig = await printerRig(t)
    const client = await rig.bridge()
    assert.equal(rig.klippy.connections, 2)
    assert.deepEqual(await client.ask('{"id":"mine","method":"objects/list","params":{}}'), {
      id: 'mine',
      result: { objects: Object.keys(rig.klippy.objects) },
    })
    client.socket.send(
      Buffer.from('{"id":2,"method":"gcode/subscribe_output","params":{"response_template":{"k":1}}}'),
    )
    assert.equal(await client.frames.take(), '{"id":2,"result":{}}')
    rig.klippy.print('// hello')
    assert.equal(await client.frames.take(), '{"k":1,"params":{"response":"// hello"}}')
  })

  test('passes on what is no JSON, and frames that come in pieces', async (t) => {
    const rig = await printerRig(t)
    const client = await rig.bridge()
    await rig.klippy.untilConnected(2)
    rig.klippy.sendRawToLast(Buffer.from('a "stran'))
    rig.klippy.sendRawToLast(Buffer.from('ge" thing\x03\x03two\x03'))
    assert.equal(await client.frames.take(), 'a "strange" thing')
    assert.equal(await client.frames.take(), '')
    assert.equal(await client.frames.take(), 'two')
    assert.equal(rig.connection.state, 'ready')
  })

  test('is no subscriber: it hears nothing that others do', async (t) => {
    const rig = await printerRig(t)
    const talker = await rig.open()
    const client = await rig.bridge()
    rig.subscribers.broadcast('notify_klippy_ready')
    await talker.hear('notify_klippy_ready')
    assert.deepEqual(await client.ask('{"id":1,"method":"gcode/help"}'), { id: 1, result: {} })
    assert.equal(rig.subscribers.count(), 1)
  })

  test('ends with Klipper, and says so', async (t) => {
    const rig = await printerRig(t)
    const client = await rig.bridge()
    rig.klippy.drop()
    assert.deepEqual(await client.closed, { code: 1001, reason: 'Klippy Disconnected' })
  })

  test('ends with the client: Klipper has one connection less', async (t) => {
    const rig = await printerRig(t)
    const client = await rig.bridge()
    await client.ask('{"id":1,"method":"info"}')
    const gone = rig.klippy.untilGone()
    client.socket.terminate()
    await gone
    assert.equal(rig.connection.state, 'ready')
  })

  test('ends with the server', async (t) => {
    const rig = await printerRig(t)
    const client = await rig.bridge()
    const gone = rig.klippy.untilGone()
    await rig.served.stop()
    assert.deepEqual(await client.closed, { code: 1001, reason: 'Server Shutdown' })
    await gone
  })

  test('with nothing behind it is not opened', async (t) => {
    const rig = await printerRig(t)
    await rig.klippy.close()
    await until(rig.connection, () => rig.connection.state === 'disconnected')
    assert.deepEqual(await refusalOf(rig.served.port), [
      'HTTP/1.1 503 Service Unavailable',
      'Klippy Unix Connection Not Available',
    ])
  })

  for (const scope of [null, 'read', 'update'] as const)
    test(`is not for ${scope ?? 'nobody'}`, async (t) => {
      const rig = await printerRig(t, {}, null, { caller: fakeCaller(scope) })
      const [status] = await refusalOf(rig.served.port)
      assert.equal(status, scope === null ? 'HTTP/1.1 401 Unauthorized' : 'HTTP/1.1 403 Forbidden')
      assert.equal(rig.klippy.connections, 1)
    })

  test('ends, both ways, when its client may not stay', async (t) => {
    for (const tell of ['client', 'klipper'] as const) {
      const caller = { ...fakeCaller(), requester: fakeCaller('admin').requester }
      const rig = await printerRig(t, {}, null, { caller })
      const client = await rig.bridge()
      await rig.klippy.untilConnected(2)
      assert.deepEqual(await client.ask('{"id":1,"method":"gcode/help"}'), { id: 1, result: {} })
      const gone = rig.klippy.untilGone()
      caller.requester = fakeCaller('update').requester
      if (tell === 'client') client.socket.send('{"id":2,"method":"emergency_stop"}')
      else rig.klippy.sendRawToLast(Buffer.from('{"secret":1}\x03'))
      assert.deepEqual(await client.closed, { code: 1008, reason: 'Unauthorized' })
      await gone
      assert.equal(client.frames.size, 0)
    }
  })

  test('is not for foreign pages, and counts among the WebSockets', async (t) => {
    const rig = await printerRig(t, {}, null, { sockets: { maxConnections: 2 } })
    const [foreign] = await refusalOf(rig.served.port, 'Origin: http://evil.example\r\n')
    assert.equal(foreign, 'HTTP/1.1 403 Forbidden')
    await rig.open()
    await rig.bridge()
    const [full, text] = await refusalOf(rig.served.port)
    assert.deepEqual(
      [full, text],
      ['HTTP/1.1 503 Service Unavailable', 'Maximum Number of Websocket Connections Reached'],
    )
    await assert.rejects(openClient(rig.served.port))
  })
})

describe('who does not read', () => {
  test('holds up Klipper, and no memory', async (t) => {
    const rig = await printerRig(t)
    const deaf = await openDeaf(rig.served.port, '/klippysocket')
    t.after(() => deaf.destroy())
    await rig.klippy.untilConnected(2)
    const sent = await rig.klippy.flood(Buffer.from(`${'x'.repeat(64 * 1024)}\x03`), 64 * 1024 * 1024)
    assert.ok(sent < 16 * 1024 * 1024, `${sent} bytes were taken`)
    // And goes on when it reads.
    const more = rig.klippy.untilDrained()
    deaf.resume()
    await more
  })

  test('is dropped when it does not even answer pings', async (t) => {
    const rig = await printerRig(t, {}, null, { sockets: { heartbeat: 20 } })
    const deaf = await openDeaf(rig.served.port, '/klippysocket')
    const gone = rig.klippy.untilGone()
    await gone
    deaf.resume()
    await once(deaf, 'close')
  })

  test('a Klipper that does not read holds up its client', async (t) => {
    const rig = await printerRig(t)
    const client = await rig.bridge()
    await client.ask('{"id":1,"method":"info"}')
    rig.klippy.deafen()
    const frame = 'x'.repeat(1024 * 1024)
    let taken = 0
    const send = (): Promise<boolean> =>
      Promise.race([
        new Promise<boolean>((resolve) => client.socket.send(frame, () => resolve(true))),
        wait(500, false),
      ])
    while (taken < 64 && (await send())) taken += 1
    assert.ok(taken < 16, `${taken} MiB were taken`)
  })

  test('a frame without an end ends the bridge', async (t) => {
    const rig = await printerRig(t)
    const client = await rig.bridge()
    await rig.klippy.untilConnected(2)
    void rig.klippy.flood(Buffer.alloc(1024 * 1024, 'x'), 32 * 1024 * 1024)
    assert.deepEqual(await client.closed, { code: 1001, reason: 'Klippy Disconnected' })
    assert.equal(rig.connection.state, 'ready')
  })
})
