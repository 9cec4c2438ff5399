import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { configure, makeFixture } from '../support/crash-scene.js'
import { Daemon, freePort } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'

const place = async (t: TestContext): Promise<{ data: string; port: number }> => {
  const folder = await temporaryFolder(t)
  const { upstream } = makeFixture(folder)
  const port = await freePort()
  configure(folder, upstream, port)
  return { data: path.join(folder, 'data'), port }
}

const start = (t: TestContext, data: string): Daemon => {
  const daemon = new Daemon(data)
  t.after(async () => {
    daemon.kill('SIGKILL')
    await daemon.end()
  })
  return daemon
}

const served = (daemon: Daemon): Promise<unknown> =>
  daemon.askUntil('server.info', (answer) => answer.result !== undefined)

/** A daemon whose start does not go on before `release`: its journal is a pipe that nobody writes to. */
const heldAtStart = async (t: TestContext): Promise<{ daemon: Daemon; release: () => void }> => {
  const { data } = await place(t)
  const journal = path.join(data, 'moonkeeper/journal.json')
  mkdirSync(path.dirname(journal), { recursive: true })
  execFileSync('mkfifo', [journal])
  const daemon = start(t, data)
  while (!existsSync(path.join(data, 'moonkeeper/lock'))) await new Promise(setImmediate)
  return { daemon, release: () => writeFileSync(journal, '') }
}

test('SIGHUP while it starts does no harm', async (t) => {
  const { daemon, release } = await heldAtStart(t)
  daemon.kill('SIGHUP')
  release()
  await served(daemon)
  assert.ok(daemon.alive)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  test(`${signal} while it starts ends it in order`, async (t) => {
    const { daemon, release } = await heldAtStart(t)
    daemon.kill(signal)
    release()
    assert.deepEqual(await daemon.end(), { code: 0, signal: null })
    assert.equal(existsSync(path.join(daemon.dataPath, 'moonkeeper/lock')), false)
    assert.equal(daemon.text, '')
  })

/** Resolves when the old life has said goodbye. */
const restart = async (daemon: Daemon, port: number): Promise<void> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  assert.equal((await daemon.ask('server.restart'))?.result, 'ok')
  await closed
}

test('SIGTERM between the two lives of a restart is not lost', async (t) => {
  const { data, port } = await place(t)
  const daemon = start(t, data)
  await served(daemon)
  await restart(daemon, port)
  daemon.kill('SIGTERM')
  assert.deepEqual(await daemon.end(), { code: 0, signal: null })
})

test('a connection has an id that none had before a restart', async (t) => {
  const { data, port } = await place(t)
  const daemon = start(t, data)
  await served(daemon)
  const idOf = async (): Promise<number> =>
    ((await daemon.ask('server.websocket.id'))?.result as { websocket_id: number }).websocket_id
  const before = await idOf()
  await restart(daemon, port)
  await served(daemon)
  assert.ok((await idOf()) > before)
})
