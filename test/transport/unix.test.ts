import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import type { Door } from '../../src/transport/door.js'
import { openUnixSocket } from '../../src/transport/unix.js'
import { fakeApp, fakeEngine } from '../support/rpc.js'
import { Inbox, fakeInside, openRaw, readAll } from '../support/socket.js'

const request = (id: unknown): string =>
  `${JSON.stringify({ jsonrpc: '2.0', method: 'server.websocket.id', id })}\x03`

const framesOf = (socket: Socket): Inbox<string> => {
  const frames = new Inbox<string>()
  let rest = ''
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\x03')
    rest = parts.pop() ?? ''
    for (const part of parts) frames.put(part)
  })
  return frames
}

let folder: string
before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'moonkeeper-unix-'))))
after(() => rm(folder, { recursive: true }))

describe('a Unix socket', () => {
  const inside = fakeInside()
  let door: Door
  let file: string
  before(async () => {
    file = path.join(folder, 'comms/moonraker.sock')
    door = await openUnixSocket(file, inside)
  })
  after(() => door.stop())

  test('is for its user and group', async () => {
    assert.equal((await stat(file)).mode & 0o777, 0o660)
  })

  test('answers frames that end with 0x03, however they are cut', async () => {
    const socket = await openRaw(file)
    const frames = framesOf(socket)
    for (const part of request('a')) socket.write(part)
    assert.equal((JSON.parse(await frames.take()) as { id: unknown }).id, 'a')
    socket.write(request(1) + request(2) + request(3).slice(0, 5))
    assert.equal((JSON.parse(await frames.take()) as { id: unknown }).id, 1)
    assert.equal((JSON.parse(await frames.take()) as { id: unknown }).id, 2)
    socket.write(request(3).slice(5))
    assert.equal((JSON.parse(await frames.take()) as { id: unknown }).id, 3)
    socket.destroy()
  })

  test('answers a peer that ended its side', async () => {
    const socket = await openRaw(file)
    const all = readAll(socket)
    socket.end(`${request(1)}{oops\x03not ended`)
    const frames = (await all).split('\x03')
    assert.equal(frames.pop(), '')
    const ids = frames.map((frame) => (JSON.parse(frame) as { id: unknown }).id)
    assert.deepEqual(new Set(ids), new Set([1, null]))
  })

  test('drops a peer whose frame is over 10 MiB', async () => {
    const socket = await openRaw(file)
    const all = readAll(socket)
    socket.write('x'.repeat(10 * 1024 * 1024 + 1))
    assert.equal(await all, '')
  })

  test('is told of notifications', async () => {
    const socket = await openRaw(file)
    const frames = framesOf(socket)
    socket.write(request(1))
    await frames.take()
    const params = { message: 'm', application: 'x', proc_id: 1, complete: true }
    inside.subscribers.broadcast('notify_update_response', params)
    assert.deepEqual(JSON.parse(await frames.take()), {
      jsonrpc: '2.0',
      method: 'notify_update_response',
      params: [params],
    })
    socket.destroy()
  })

  test('drops a reader that is too slow', async () => {
    const deaf = await openRaw(file)
    const frames = framesOf(deaf)
    deaf.write(request(1))
    await frames.take()
    deaf.pause()
    const gone = (): boolean => inside.subscribers.count() === 0
    for (let sent = 0; !gone() && sent < 64; sent += 1) {
      const params = { message: 'x'.repeat(1024 * 1024), application: 'x', proc_id: 1, complete: true }
      inside.subscribers.broadcast('notify_update_response', params)
      await new Promise(setImmediate)
    }
    assert.ok(gone())
    deaf.destroy()
  })

  test('answers whatever comes with valid JSON or silence', async () => {
    const socket = await openRaw(file)
    const frames = framesOf(socket)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.string(), fc.uint8Array(), fc.json())), async (parts) => {
        for (const part of parts) socket.write(part)
        socket.write(`\x03${request('last')}`)
        for (;;) {
          const answer = JSON.parse(await frames.take()) as { id?: unknown }
          if (answer.id === 'last') return
        }
      }),
    )
    socket.destroy()
  })
})

test('an answer that takes longer than the peer sends still arrives', async () => {
  let finish = (): void => undefined
  const engine = fakeEngine({
    change: () => new Promise((resolve) => (finish = () => resolve(null))),
  })
  const file = path.join(folder, 'slow.sock')
  const door = await openUnixSocket(file, fakeInside(fakeApp(engine)))
  const socket = await openRaw(file)
  const all = readAll(socket)
  socket.end('{"jsonrpc":"2.0","method":"machine.update.full","id":1}\x03')
  while (finish.length === 0 && !engine.calls.some(([verb]) => verb === 'refuseWhilePrinting'))
    await new Promise(setImmediate)
  finish()
  assert.equal(await all, '{"jsonrpc":"2.0","result":"ok","id":1}\x03')
  await door.stop()
})

test('a door that closes lets the answers that are due go out first', async () => {
  let finish = (): void => undefined
  let called = (): void => undefined
  const begun = new Promise<void>((resolve) => (called = resolve))
  const engine = fakeEngine({
    change: () => {
      called()
      return new Promise((resolve) => (finish = () => resolve(null)))
    },
  })
  const file = path.join(folder, 'late.sock')
  const door = await openUnixSocket(file, fakeInside(fakeApp(engine)))
  const socket = await openRaw(file)
  const all = readAll(socket)
  socket.write('{"jsonrpc":"2.0","method":"machine.update.full","id":1}\x03')
  await begun
  const stopped = door.stop()
  socket.write(request(2))
  finish()
  assert.equal(await all, '{"jsonrpc":"2.0","result":"ok","id":1}\x03')
  await stopped
})

test('256 programs are served at once, one more is turned away', async () => {
  const file = path.join(folder, 'many.sock')
  const inside = fakeInside()
  const door = await openUnixSocket(file, inside)
  const sockets = await Promise.all(Array.from({ length: 256 }, () => openRaw(file)))
  const last = framesOf(sockets[255] as Socket)
  sockets[255]?.write(request(1))
  await last.take()
  assert.equal(await readAll(await openRaw(file)), '')
  const leaving = sockets[0] as Socket
  const gone = once(leaving, 'close')
  leaving.destroy()
  await gone
  while (inside.subscribers.count() === 256) await new Promise(setImmediate)
  const next = await openRaw(file)
  const frames = framesOf(next)
  next.write(request(2))
  assert.equal((JSON.parse(await frames.take()) as { id: unknown }).id, 2)
  for (const socket of [...sockets, next]) socket.destroy()
  await door.stop()
})

describe('the file', () => {
  test('goes when the door stops, and open connections end', async () => {
    const file = path.join(folder, 'a.sock')
    const door = await openUnixSocket(file, fakeInside())
    const socket = await openRaw(file)
    const all = readAll(socket)
    door.stopAccepting()
    await assert.rejects(openRaw(file))
    await door.stop()
    assert.equal(await all, '')
    await assert.rejects(stat(file), { code: 'ENOENT' })
  })

  test('a dead one is replaced', async () => {
    const file = path.join(folder, 'dead.sock')
    const script = `require('net').createServer().listen(${JSON.stringify(file)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', script])
    assert.ok((await stat(file)).isSocket())
    const door = await openUnixSocket(file, fakeInside())
    const socket = await openRaw(file)
    socket.destroy()
    await door.stop()
  })

  test('one that answers is left alone', async () => {
    const file = path.join(folder, 'alive.sock')
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(file, resolve))
    await assert.rejects(openUnixSocket(file, fakeInside()), {
      kind: 'refused',
      message: /Another server answers/,
    })
    const socket = await openRaw(file)
    socket.destroy()
    await new Promise((resolve) => other.close(resolve))
  })

  test('what is no socket is left alone', async () => {
    const file = path.join(folder, 'notes')
    await writeFile(file, 'mine')
    await assert.rejects(openUnixSocket(file, fakeInside()), { kind: 'refused', message: /is not a socket/ })
    assert.equal(await readFile(file, 'utf8'), 'mine')
  })

  test('a path that is too long is explained', async () => {
    const deep = path.join(folder, 'd'.repeat(100))
    await mkdir(deep)
    await assert.rejects(openUnixSocket(path.join(deep, 'x.sock'), fakeInside()), {
      kind: 'refused',
      message: /too long/,
    })
  })
})
