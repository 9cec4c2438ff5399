import assert from 'node:assert/strict'
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { configure, makeFixture } from '../support/crash-scene.js'
import { bundle, Daemon, freePort } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'

interface Place {
  readonly data: string
  readonly port: number
}

const place = async (t: TestContext): Promise<Place> => {
  const folder = await temporaryFolder(t)
  const { upstream } = makeFixture(folder)
  const port = await freePort()
  configure(folder, upstream, port)
  return { data: path.join(folder, 'data'), port }
}

const start = (t: TestContext, data: string, env: Readonly<Record<string, string>> = {}): Daemon => {
  const daemon = new Daemon(data, env)
  t.after(async () => {
    daemon.kill('SIGKILL')
    await daemon.end()
  })
  return daemon
}

/** Fails when something listens there. */
const bindable = async (port: number): Promise<void> => {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}

const obstacles: readonly [
  name: string,
  build: (data: string) => Readonly<Record<string, string>>,
  said: RegExp,
][] = [
  [
    'a file where the socket belongs',
    (data) => {
      mkdirSync(path.join(data, 'comms'), { recursive: true })
      writeFileSync(path.join(data, 'comms/moonraker.sock'), 'mine')
      return {}
    },
    /moonraker\.sock is not a socket: move it away/,
  ],
  [
    'a file where its folder belongs',
    (data) => {
      writeFileSync(path.join(data, 'comms'), 'mine')
      return {}
    },
    /moonraker\.sock could not be created \(E\w+\): a file is where a folder should be/,
  ],
  [
    'a path that is too long for a socket',
    (data) => ({ MOONRAKER_UDS_PATH: path.join(data, 'd'.repeat(100), 'moonraker.sock') }),
    /too long: choose a shorter data path/,
  ],
  [
    'a folder that nobody may write to',
    () => ({ MOONRAKER_UDS_PATH: '/proc/moonraker.sock' }),
    /\/proc\/moonraker\.sock could not be created/,
  ],
]

for (const [name, build, said] of obstacles)
  test(`${name} ends the start: nothing is left of it`, async (t) => {
    const { data, port } = await place(t)
    const daemon = start(t, data, build(data))
    assert.deepEqual(await daemon.end(), { code: 1, signal: null })
    assert.match(daemon.text, said)
    assert.doesNotMatch(daemon.text, /^\s+at /m)
    assert.equal(existsSync(path.join(data, 'moonkeeper/lock')), false)
    await bindable(port)
  })

test('of two daemons that begin together one serves, and the other says who', async (t) => {
  const { data } = await place(t)
  const both = [start(t, data), start(t, data)]
  const first = await Promise.race(both.map(async (daemon) => daemon.end().then(() => daemon)))
  assert.equal((await first.end()).code, 1)
  const other = both.find((daemon) => daemon !== first) as Daemon
  assert.match(first.text, new RegExp(`process ${other.pid}`))
  await other.askUntil('server.info', (answer) => answer.result !== undefined)
  assert.match(readFileSync(path.join(data, 'moonkeeper/lock'), 'utf8'), new RegExp(`^${other.pid} `))
})

/** The program with any arguments, to its end. */
const program = (args: readonly string[], cwd: string): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [bundle, ...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: cwd },
  })

for (const [name, blocked] of [
  ['its own folder', 'moonkeeper'],
  ['its log', 'logs'],
] as const)
  test(`a file where ${name} belongs is told with what to do`, async (t) => {
    const { data } = await place(t)
    writeFileSync(path.join(data, blocked), 'mine')
    const { status, stderr } = program(['serve', '-d', data], data)
    assert.equal(status, 1)
    assert.match(stderr, /^Moonkeeper cannot start\. .*A file is where a folder should be: move it away/)
  })

test('--demo builds nothing when another configuration is served', async (t) => {
  const folder = await temporaryFolder(t)
  const { status, stderr } = program(['serve', '--demo', '-d', folder, '-c', 'other.conf'], folder)
  assert.equal(status, 1)
  assert.match(stderr, /other\.conf/)
  assert.equal(existsSync(path.join(folder, 'demo')), false)
  assert.equal(existsSync(path.join(folder, 'config')), false)
})

test('a client whose reader went away ends without a word', async () => {
  const client = spawn(process.execPath, [bundle, 'help'], { stdio: ['ignore', 'pipe', 'pipe'] })
  client.stdout.destroy()
  let said = ''
  client.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = (await once(client, 'close')) as [number]
  assert.equal(code, 141)
  assert.equal(said, '')
})
