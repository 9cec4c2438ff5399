import assert from 'node:assert/strict'
import { once } from 'node:events'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { configure, makeFixture } from '../support/crash-scene.js'
import { Daemon, freePort } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { FakeKlippy } from '../support/klippy.js'
import { git } from '../support/repositories.js'

interface Place {
  readonly port: number
  readonly klippy: FakeKlippy
  readonly version: () => string
  readonly start: () => Daemon
}

const place = async (t: TestContext): Promise<Place> => {
  const folder = await temporaryFolder(t)
  const { upstream, app } = makeFixture(folder)
  const port = await freePort()
  configure(folder, upstream, port)
  const klippy = new FakeKlippy(path.join(folder, 'no-klipper'))
  t.after(() => klippy.close())
  return {
    port,
    klippy,
    version: () => git(app, 'describe', '--tags'),
    start: () => {
      const daemon = new Daemon(path.join(folder, 'data'))
      t.after(async () => {
        daemon.kill('SIGKILL')
        await daemon.end()
      })
      return daemon
    },
  }
}

const messageOf = async (daemon: Daemon, method: string, params: object): Promise<string | undefined> =>
  (await daemon.ask(method, params))?.error?.message

test('an update in the moments after a start waits for Klipper, hangs on no answer, and heeds the print', async (t) => {
  const { klippy, start, version } = await place(t)
  klippy.objects['print_stats'] = { state: 'printing', filename: 'cube.gcode' }
  klippy.hold('info')
  await klippy.listen()
  const daemon = start()
  // Also the very first request that is answered at all.
  const refused = await daemon.askUntil('machine.update.client', () => true, { name: 'app' })
  assert.match(refused?.error?.message ?? '', /Update Refused: Klipper does not answer/)
  const waiting = daemon.ask('machine.update.client', { name: 'app' })
  klippy.release('info')
  assert.equal((await waiting)?.error?.message, 'Update Refused: Klippy is printing')
  assert.equal(version(), 'v1.0.0')
  assert.equal(
    await messageOf(daemon, 'machine.update.rollback', { name: 'app' }),
    'Rollback Attempt Refused: Klippy is printing',
  )
  klippy.set('print_stats', { state: 'complete' })
  await daemon.askUntil('machine.update.client', ({ result }) => result === 'ok', { name: 'app' })
  assert.match(version(), /^v1\.1\.0/)
})

test('Klipper comes, goes and comes; whoever is connected hears it', async (t) => {
  const { port, klippy, start } = await place(t)
  const daemon = start()
  await daemon.askUntil('server.info', ({ result }) => result !== undefined)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`)
  const heard: string[] = []
  const hears = (method: string): Promise<void> =>
    new Promise((resolve) => {
      socket.on('message', (data: Buffer) => {
        const { method: name } = JSON.parse(data.toString()) as { method?: string }
        if (name === method) resolve()
      })
    })
  socket.on('message', (data: Buffer) => {
    const { method = '' } = JSON.parse(data.toString()) as { method?: string }
    if (method.startsWith('notify_klippy')) heard.push(data.toString())
  })
  await once(socket, 'open')
  t.after(() => socket.terminate())
  assert.equal((await daemon.ask('printer.info'))?.error?.message, 'Klippy Host not connected')
  const ready = hears('notify_klippy_ready')
  await klippy.listen()
  await ready
  assert.deepEqual((await daemon.ask('printer.objects.list'))?.result, {
    objects: Object.keys(klippy.objects),
  })
  // What macros may call.
  await klippy.untilAsked('register_remote_method', 2)
  const gone = hears('notify_klippy_disconnected')
  await klippy.close()
  await gone
  const back = hears('notify_klippy_ready')
  await klippy.listen()
  await back
  assert.deepEqual(
    heard,
    ['ready', 'disconnected', 'ready'].map((news) => `{"jsonrpc":"2.0","method":"notify_klippy_${news}"}`),
  )
})
