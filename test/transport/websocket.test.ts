import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { Serialized } from '../../src/contract/serialized.js'
import { fakeApp, fakeEngine } from '../support/rpc.js'
import { ask, openClient, openDeaf, openRaw, readAll, readBytes, serve } from '../support/socket.js'
import type { Served } from '../support/socket.js'

const idRequest = '{"jsonrpc":"2.0","method":"server.websocket.id","id":1}'
const progress = (
  message: string,
): { message: string; application: string; proc_id: number; complete: boolean } => ({
  message,
  application: 'x',
  proc_id: 1,
  complete: false,
})
const asFrame = (message: string): unknown => ({
  jsonrpc: '2.0',
  method: 'notify_update_response',
  params: [progress(message)],
})

describe('a WebSocket', () => {
  let served: Served
  before(async () => (served = await serve()))
  after(() => served.stop())

  test('answers, also to binary frames', async () => {
    const client = await openClient(served.port)
    const answer = (await client.ask(idRequest)) as { result: { websocket_id: number } }
    client.socket.send(Buffer.from(idRequest), { binary: true })
    assert.deepEqual(JSON.parse(await client.frames.take()), answer)
    client.socket.terminate()
  })

  test('is silent to bytes that are no text, and stays open', async () => {
    const client = await openClient(served.port)
    client.socket.send(Buffer.from('fffe00', 'hex'), { binary: true })
    client.socket.send('42')
    assert.ok(await client.ask(idRequest))
    assert.equal(client.frames.size, 0)
    client.socket.terminate()
  })

  test('has ids that grow', async () => {
    const idOf = async (): Promise<number> => {
      const client = await openClient(served.port)
      const { result } = (await client.ask(idRequest)) as { result: { websocket_id: number } }
      client.socket.terminate()
      return result.websocket_id
    }
    const first = await idOf()
    assert.ok((await idOf()) > first)
  })

  test('does not count any more when it said goodbye, even if it never hangs up', async () => {
    const own = await serve()
    const socket = await openDeaf(own.port)
    assert.equal(own.inside.subscribers.count(), 1)
    // A close frame, masked with zeros; the answer to it is not read.
    socket.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]))
    while (own.inside.subscribers.count() > 0) await new Promise((resolve) => setImmediate(resolve))
    socket.destroy()
    await own.stop()
  })

  test('has an identity of its own', async () => {
    const identify =
      '{"jsonrpc":"2.0","method":"server.connection.identify","params":{"client_name":"t","version":"1","type":"web","url":"x"},"id":1}'
    for (let round = 0; round < 2; round += 1) {
      const client = await openClient(served.port)
      const answer = (await client.ask(identify)) as { result: { connection_id: number } }
      assert.ok(Number.isInteger(answer.result.connection_id))
      client.socket.terminate()
    }
  })

  for (const query of ['?token=', '?token=bad', '?x'])
    test(`ignores ${query}`, async () => {
      const client = await openClient(served.port, `/websocket${query}`)
      assert.ok(await client.ask(idRequest))
      client.socket.terminate()
    })

  test('closes for frames over 10 MiB, and others do not notice', async () => {
    const other = await openClient(served.port)
    const client = await openClient(served.port)
    client.socket.send('x'.repeat(10 * 1024 * 1024 + 1))
    assert.equal((await client.closed).code, 1009)
    assert.ok(await other.ask(idRequest))
    other.socket.terminate()
  })

  test('takes frames just below 10 MiB', async () => {
    const client = await openClient(served.port)
    client.socket.send(idRequest + ' '.repeat(10 * 1024 * 1024 - idRequest.length))
    assert.ok(await client.frames.take())
    client.socket.terminate()
  })

  test('does not compress', async () => {
    const client = await openClient(served.port, '/websocket', { perMessageDeflate: true })
    assert.equal(client.socket.extensions, '')
    client.socket.terminate()
  })

  test('answers whatever comes with valid JSON or silence', async () => {
    const client = await openClient(served.port)
    const frame = fc.oneof(fc.string(), fc.json(), fc.uint8Array())
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 5 }), async (frames) => {
        for (const each of frames) client.socket.send(each)
        client.socket.send('{"jsonrpc":"2.0","method":"server.websocket.id","id":"last"}')
        for (;;) {
          const answer = JSON.parse(await client.frames.take()) as { id?: unknown }
          if (answer.id === 'last') return
        }
      }),
    )
    client.socket.terminate()
  })

  test('survives broken frames', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), async (bytes) => {
        const socket = await openDeaf(served.port)
        socket.resume().end(bytes)
        await readAll(socket)
      }),
      { numRuns: 50 },
    )
    const client = await openClient(served.port)
    assert.ok(await client.ask(idRequest))
    client.socket.terminate()
  })
})

describe('an answer is one final text frame', () => {
  const question = '{"jsonrpc":"2.0","method":"machine.update.status","id":1}'
  const around = '{"jsonrpc":"2.0","result":"","id":1}'.length
  const frames: readonly [length: number, head: string][] = [
    [125, '817d'],
    [126, '817e007e'],
    [65535, '817effff'],
    [65536, '817f0000000000010000'],
  ]
  for (const [length, head] of frames)
    test(`of ${length} bytes`, { timeout: 10_000 }, async () => {
      const text = `ä${'x'.repeat(length - around - 2)}`
      const served = await serve(
        fakeApp(fakeEngine({ status: () => new Serialized({} as never, `"${text}"`) })),
      )
      const answer = `{"jsonrpc":"2.0","result":"${text}","id":1}`
      const client = await openClient(served.port)
      client.socket.send(question)
      assert.equal(await client.frames.take(), answer)
      const raw = await openDeaf(served.port)
      // A mask of zeros leaves the question as it is.
      raw.write(Buffer.from(`81${(0x80 + question.length).toString(16)}00000000`, 'hex'))
      raw.write(question)
      const bytes = await readBytes(raw, head.length / 2 + length)
      assert.equal(bytes.toString('hex', 0, head.length / 2), head)
      assert.equal(bytes.toString('utf8', head.length / 2), answer)
      raw.destroy()
      await served.stop()
    })
})

describe('the handshake', () => {
  let served: Served
  before(async () => (served = await serve(fakeApp(), { maxConnections: 2 })))
  after(() => served.stop())

  const handshake = async (headers: Record<string, string>, path = '/websocket'): Promise<string> => {
    const socket = await openRaw(served.port)
    const given = {
      Host: `localhost:${served.port}`,
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    }
    const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
    const [first] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    return first.toString()
  }

  const table: readonly [name: string, headers: Record<string, string>, answer: RegExp][] = [
    ['plain', {}, /^HTTP\/1\.1 101 /],
    ['with a protocol', { 'Sec-WebSocket-Protocol': 'foo' }, /^HTTP\/1\.1 101 /],
    ['same origin', { Host: 'mainsail.local', Origin: 'http://mainsail.local' }, /^HTTP\/1\.1 101 /],
    [
      'same origin, another case',
      { Host: 'Mainsail.local:80', Origin: 'http://mainsail.local' },
      /^HTTP\/1\.1 101 /,
    ],
    [
      'foreign origin',
      { Origin: 'http://evil.test' },
      /^HTTP\/1\.1 403 [\s\S]*Cross origin websockets not allowed$/,
    ],
    ['another port', { Host: 'localhost:1', Origin: 'http://localhost:2' }, /^HTTP\/1\.1 403 /],
    ['no origin at all', { Origin: 'null' }, /^HTTP\/1\.1 403 /],
    ['cross-site', { 'Sec-Fetch-Site': 'cross-site' }, /^HTTP\/1\.1 403 /],
    ['rebound name', { Host: 'evil.test', Origin: 'http://evil.test' }, /^HTTP\/1\.1 403 /],
    ['old version', { 'Sec-WebSocket-Version': '1' }, /^HTTP\/1\.1 426 [\s\S]*Sec-WebSocket-Version: 8, 13/],
    ['bad key', { 'Sec-WebSocket-Key': 'x' }, /^HTTP\/1\.1 400 /],
    ['another protocol', { Upgrade: 'h2c' }, /^HTTP\/1\.1 400 [\s\S]*Can "Upgrade" only/],
  ]
  for (const [name, headers, answer] of table)
    test(name, async () => {
      assert.match(await handshake(headers), answer)
    })

  test('an upgrade of another path is an ordinary request', async () => {
    assert.match(await handshake({ Upgrade: 'h2c' }, '/server/info'), /^HTTP\/1\.1 200 [\s\S]*klippy_state/)
    assert.match(await handshake({}, '/nope'), /^HTTP\/1\.1 404 /)
    assert.match(await handshake({ 'Content-Length': '2' }, '/server/info'), /^HTTP\/1\.1 400 /)
  })

  test('without an upgrade there is an explanation', async () => {
    const { status, body } = await ask(served.port, 'GET', '/websocket')
    assert.equal(status, 400)
    assert.equal(body, 'Can "Upgrade" only to "WebSocket".')
  })

  test('the connection after the last one is refused, and welcome when one has gone', async () => {
    const clients = [await openClient(served.port), await openClient(served.port)]
    await assert.rejects(openClient(served.port), /503/)
    clients[0]?.socket.terminate()
    for (;;) {
      const client = await openClient(served.port).catch(() => null)
      if (client === null) continue
      client.socket.terminate()
      break
    }
    clients[1]?.socket.terminate()
  })
})

describe('notifications', () => {
  test('go to everyone, identified or not', async () => {
    const served = await serve()
    const clients = [await openClient(served.port), await openClient(served.port)]
    served.inside.subscribers.broadcast('notify_update_response', progress('<b>ü'))
    for (const client of clients) assert.deepEqual(JSON.parse(await client.frames.take()), asFrame('<b>ü'))
    assert.equal(served.inside.subscribers.count(), 2)
    await served.stop()
    assert.equal(served.inside.subscribers.count(), 0)
  })

  test('a serialised payload goes out as it is', async () => {
    const served = await serve()
    const client = await openClient(served.port)
    const payload = new Serialized(progress('x'), '{"as":  "it is"}')
    served.inside.subscribers.broadcast('notify_update_response', payload)
    const text = '{"jsonrpc":"2.0","method":"notify_update_response","params":[{"as":  "it is"}]}'
    assert.equal(await client.frames.take(), text)
    await served.stop()
  })

  test('a reader that is too slow is dropped, and the others get every frame meanwhile', async () => {
    const served = await serve()
    const { subscribers } = served.inside
    const deaf = await openDeaf(served.port)
    const client = await openClient(served.port)
    let sent = 0
    for (; subscribers.count() === 2 && sent < 64; sent += 1) {
      subscribers.broadcast('notify_update_response', progress(`${sent}`.padEnd(1024 * 1024)))
      const frame = JSON.parse(await client.frames.take()) as { params: [{ message: string }] }
      assert.equal(frame.params[0].message.trim(), String(sent))
    }
    assert.equal(subscribers.count(), 1)
    assert.ok(sent > 4, `dropped after ${sent} MiB`)
    deaf.destroy()
    await served.stop()
  })
})

test('who misses two pings is dropped, who answers stays', async () => {
  const served = await serve(fakeApp(), { heartbeat: 20 })
  const client = await openClient(served.port)
  const silent = await openClient(served.port, '/websocket', { autoPong: false })
  const { code } = await silent.closed
  assert.equal(code, 1006)
  assert.equal(client.socket.readyState, client.socket.OPEN)
  await served.stop()
})

test('a slow request does not hold up the next one on the same socket', async () => {
  let finish = (): void => undefined
  const engine = fakeEngine({
    change: () => new Promise((resolve) => (finish = () => resolve(null))),
  })
  const served = await serve(fakeApp(engine))
  const client = await openClient(served.port)
  client.socket.send('{"jsonrpc":"2.0","method":"machine.update.full","id":"slow"}')
  assert.deepEqual(await client.ask(idRequest), { jsonrpc: '2.0', result: { websocket_id: 1 }, id: 1 })
  finish()
  assert.deepEqual(JSON.parse(await client.frames.take()), { jsonrpc: '2.0', result: 'ok', id: 'slow' })
  await served.stop()
})

test('the work goes on when the requester disconnects', async () => {
  let finish = (): void => undefined
  const engine = fakeEngine({
    change: () => new Promise((resolve) => (finish = () => resolve(null))),
  })
  const served = await serve(fakeApp(engine))
  const client = await openClient(served.port)
  client.socket.send('{"jsonrpc":"2.0","method":"machine.update.full","id":1}')
  await client.ask(idRequest)
  client.socket.terminate()
  const other = await openClient(served.port)
  while (served.inside.subscribers.count() > 1) await other.ask(idRequest)
  finish()
  assert.ok(await other.ask(idRequest))
  assert.deepEqual(
    served.inside.log.lines.filter(({ level }) => level === 'error'),
    [],
  )
  await served.stop()
})

describe('an orderly stop', () => {
  test('takes no new connections first, and keeps the open ones', async () => {
    const served = await serve()
    const client = await openClient(served.port)
    served.webSocket.stopAccepting()
    await assert.rejects(openClient(served.port), /503/)
    assert.ok(await client.ask(idRequest))
    await served.stop()
    assert.deepEqual(await client.closed, { code: 1001, reason: 'Server Shutdown' })
    await assert.rejects(openRaw(served.port), /ECONNREFUSED/)
  })

  test('lets an answer that is due go out before the goodbye, and reads no more', async () => {
    let finish = (): void => undefined
    const engine = fakeEngine({
      change: () => new Promise((resolve) => (finish = () => resolve(null))),
    })
    const served = await serve(fakeApp(engine))
    const client = await openClient(served.port)
    client.socket.send('{"jsonrpc":"2.0","method":"machine.update.full","id":"late"}')
    await client.ask(idRequest)
    const stopped = served.stop()
    client.socket.send(idRequest)
    finish()
    assert.deepEqual(JSON.parse(await client.frames.take()), { jsonrpc: '2.0', result: 'ok', id: 'late' })
    assert.deepEqual(await client.closed, { code: 1001, reason: 'Server Shutdown' })
    assert.equal(client.frames.size, 0)
    await stopped
  })

  test('cuts those that do not answer the goodbye', async () => {
    const served = await serve()
    const deaf = await openDeaf(served.port)
    await served.stop()
    assert.equal(served.inside.subscribers.count(), 0)
    deaf.destroy()
  })
})
