import assert from 'node:assert/strict'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { checkMachine, configure, makeFixture } from '../support/crash-scene.js'
import { Daemon, freePort } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { git } from '../support/repositories.js'

interface Machine {
  readonly folder: string
  readonly port: number
  readonly daemon: Daemon
  readonly tip: string
}

const ready = (daemon: Daemon): Promise<unknown> =>
  daemon.askUntil('machine.update.refresh', (answer) => answer.result !== undefined, { name: 'app' })

const machine = async (t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<Machine> => {
  const folder = await temporaryFolder(t)
  const { upstream } = makeFixture(folder)
  const port = await freePort()
  configure(folder, upstream, port)
  const daemon = new Daemon(path.join(folder, 'data'), env)
  t.after(async () => {
    daemon.kill('SIGKILL')
    await daemon.end()
  })
  await ready(daemon)
  return { folder, port, daemon, tip: git(upstream.seed, 'rev-parse', 'master') }
}

const open = async (port: number): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`)
  await once(socket, 'open')
  return socket
}

const infoOf = async (daemon: Daemon): Promise<{ warnings: string[] }> =>
  (await daemon.ask('server.info'))?.result as { warnings: string[] }

const statusOf = async (daemon: Daemon): Promise<Record<string, unknown> | undefined> => {
  const status = (await daemon.ask('machine.update.status'))?.result as {
    version_info: Record<string, Record<string, unknown>>
  }
  return status.version_info['app']
}

test('every socket sees the progress, the answer and the new state', async (t) => {
  const { port, daemon, tip } = await machine(t)
  const socket = await open(port)
  const seen: { method?: string; params: { complete?: boolean; busy?: boolean }[] }[] = []
  const refreshed = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as (typeof seen)[number]
      seen.push(message)
      // The look before may be told late.
      const over = seen.some(({ params }) => params[0]?.complete === true)
      if (over && message.method === 'notify_update_refreshed') resolve()
    })
  })
  assert.equal((await daemon.ask('machine.update.client', { name: 'app' }))?.result, 'ok')
  await refreshed
  const responses = seen.filter((message) => message.method === 'notify_update_response')
  assert.deepEqual(
    responses.map((message) => message.params[0]?.complete),
    [...responses.slice(1).map(() => false), true],
  )
  const last = seen.findLast(({ method }) => method === 'notify_update_refreshed')
  assert.equal(last?.params[0]?.busy, false)
  assert.equal((await statusOf(daemon))?.['current_hash'], tip)
  socket.terminate()
})

test('SIGTERM in the middle of an update undoes it and says goodbye', async (t) => {
  const { folder, port, daemon } = await machine(t)
  const before = git(path.join(folder, 'app'), 'rev-parse', 'HEAD')
  writeFileSync(path.join(folder, 'app/.git/index.lock'), '')
  const socket = await open(port)
  const first = once(socket, 'message')
  const answer = daemon.ask('machine.update.client', { name: 'app' })
  await first
  const closed = once(socket, 'close')
  daemon.kill('SIGTERM')
  const [code, reason] = (await closed) as [number, Buffer]
  assert.deepEqual([code, reason.toString()], [1001, 'Server Shutdown'])
  assert.match((await answer)?.error?.message ?? '', /shutting down: the operation was undone/)
  assert.deepEqual(await daemon.end(), { code: 0, signal: null })
  git(path.join(folder, 'app'), 'fsck')
  writeFileSync(path.join(folder, 'removed'), '')
  assert.equal(git(path.join(folder, 'app'), 'rev-parse', 'HEAD'), before)
  assert.equal(existsSync(path.join(folder, 'data/moonkeeper/journal.json')), false)
})

test('SIGHUP reads the configuration anew and drops no socket', async (t) => {
  const { folder, port, daemon } = await machine(t)
  const socket = await open(port)
  const conf = path.join(folder, 'data/config/moonraker.conf')
  appendFileSync(conf, 'info_tags:\n  desc=Changed\n')
  await daemon.askUntil('server.info', (answer) =>
    (answer.result as { warnings: string[] }).warnings.some((text) =>
      text.includes('configuration was changed'),
    ),
  )
  daemon.kill('SIGHUP')
  await daemon.askUntil('machine.update.status', (answer) =>
    JSON.stringify(answer.result).includes('desc=Changed'),
  )
  assert.deepEqual((await infoOf(daemon)).warnings, [])
  assert.equal(socket.readyState, WebSocket.OPEN)
  socket.terminate()
})

test('a configuration that cannot be read changes nothing, and that is said', async (t) => {
  const { folder, daemon } = await machine(t)
  appendFileSync(path.join(folder, 'data/config/moonraker.conf'), '[server]\nport: 1\n')
  daemon.kill('SIGHUP')
  await daemon.askUntil('server.info', (answer) =>
    (answer.result as { warnings: string[] }).warnings.some((text) =>
      /cannot be used.*[Dd]uplicate/.test(text),
    ),
  )
  assert.notEqual(await statusOf(daemon), undefined)
})

test('server.restart answers, closes with 1001 and comes back', async (t) => {
  const { port, daemon } = await machine(t)
  const socket = await open(port)
  const closed = once(socket, 'close')
  assert.equal((await daemon.ask('server.restart'))?.result, 'ok')
  assert.equal(((await closed) as [number])[0], 1001)
  await ready(daemon)
  assert.equal((await statusOf(daemon))?.['is_valid'], true)
})

test('what is known survives a restart, also the way back', async (t) => {
  const { folder, daemon } = await machine(t)
  await daemon.ask('machine.update.upgrade', { name: 'app' })
  daemon.kill('SIGTERM')
  await daemon.end()
  const again = new Daemon(path.join(folder, 'data'))
  t.after(() => again.kill('SIGKILL'))
  await ready(again)
  assert.equal((await statusOf(again))?.['rollback_version'], 'v1.0.0-0')
  assert.equal((await again.ask('machine.update.rollback', { name: 'app' }))?.result, 'ok')
  const old = git(path.join(folder, 'app'), 'rev-parse', 'v1.0.0^{commit}')
  checkMachine(folder, { commits: [old], edited: false, ownFiles: false })
  again.kill('SIGTERM')
  await again.end()
})

test('a second daemon on the same data folder is refused, and says who is there', async (t) => {
  const { folder, daemon } = await machine(t)
  const second = new Daemon(path.join(folder, 'data'))
  assert.equal((await second.end()).code, 1)
  assert.match(second.text, new RegExp(`process ${daemon.pid}`))
  assert.notEqual(await statusOf(daemon), undefined)
})

test('a port that is taken is told with what to do', async (t) => {
  const { port } = await machine(t)
  const folder = await temporaryFolder(t)
  const { upstream } = makeFixture(folder)
  configure(folder, upstream, port)
  const second = new Daemon(path.join(folder, 'data'))
  assert.equal((await second.end()).code, 1)
  assert.match(second.text, new RegExp(`port ${port}.*in use`))
})

test('the log holds JSON lines', async (t) => {
  const { folder, daemon } = await machine(t)
  daemon.kill('SIGTERM')
  await daemon.end()
  const lines = readFileSync(path.join(folder, 'data/logs/moonkeeper.log'), 'utf8').trim().split('\n')
  assert.ok(lines.length > 0)
  for (const line of lines) assert.equal(typeof (JSON.parse(line) as { msg: unknown }).msg, 'string')
})

test('the history is opened at the start and answered over HTTP, within its limits', async (t) => {
  const { folder, port } = await machine(t)
  assert.ok(existsSync(path.join(folder, 'data/moonkeeper/history.tail.json')))
  const get = async (query: string): Promise<unknown[]> => {
    const answer = await fetch(`http://127.0.0.1:${port}/machine/update/history${query}`)
    const body = (await answer.json()) as { result?: unknown; error?: { message: string } }
    return [answer.status, body.result ?? body.error?.message]
  }
  assert.deepEqual(await get('?name=app&limit=100'), [200, { entries: [], total: 0 }])
  assert.deepEqual(await get('?limit=101'), [400, 'Argument limit must be at most 100'])
  assert.deepEqual(await get('?offset=-1'), [400, 'Argument offset must be at least 0'])
})
