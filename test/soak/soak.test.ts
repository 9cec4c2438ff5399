import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { setTimeout as wait } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { Daemon, freePort, projectRoot } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { FakeKlippy } from '../support/klippy.js'
import { Healthy, counter, sleeper, visits } from '../support/swarm.js'

const whole = process.env['MOONKEEPER_WHOLE_SUITE'] !== undefined

/** Pushes of Klipper, four a second: 30 s, or ten minutes; the first part of them is for what is only warmed up. */
const [pushes, warm] = whole ? [2400, 240] : [120, 40]
const interval = 250

const healthyClients = 150
const visitors = 45
const sleepers = 5
const mebibyte = 1024 * 1024
const mostGrowth = 10 * mebibyte

const writeConfiguration = (data: string, port: number, klippy: string): void => {
  mkdirSync(path.join(data, 'config'), { recursive: true })
  const lines = [
    '[server]',
    'host: 127.0.0.1',
    `port: ${port}`,
    `klippy_uds_address: ${klippy}`,
    'max_websocket_connections: 1000',
    '[machine]',
    'provider: none',
  ]
  writeFileSync(path.join(data, 'config/moonraker.conf'), `${lines.join('\n')}\n`)
}

interface Memory {
  /** Bytes that are in use after a garbage collection. */
  readonly live: number
  readonly resident: number
}

interface Scene {
  readonly port: number
  readonly klippy: FakeKlippy
  readonly daemon: Daemon
  readonly socketFile: string
  memory(): Promise<Memory>
}

const scene = async (t: TestContext): Promise<Scene> => {
  const folder = await temporaryFolder(t)
  const data = path.join(folder, 'data')
  const port = await freePort()
  const klippy = new FakeKlippy(path.join(folder, 'klippy.sock'))
  klippy.forgetful = true
  klippy.objects[counter] = { value: 0 }
  klippy.objects['toolhead'] = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`f${index}`, 0]))
  await klippy.listen()
  const file = path.join(folder, 'memory')
  const probe = [
    '--expose-gc',
    '--import',
    pathToFileURL(path.join(projectRoot, 'test/support/memory-probe.mjs')).href,
  ]
  writeConfiguration(data, port, klippy.path)
  const daemon = new Daemon(data, { MEMORY_FILE: file }, probe)
  t.after(async () => {
    daemon.kill('SIGKILL')
    await daemon.end()
    await klippy.close()
  })
  const isReady = (result: unknown): boolean =>
    (result as { klippy_state?: string } | undefined)?.klippy_state === 'ready'
  await daemon.askUntil('server.info', ({ result }) => isReady(result))
  const memory = async (): Promise<Memory> => {
    rmSync(file, { force: true })
    daemon.kill('SIGUSR2')
    while (!existsSync(file)) await wait(20)
    return JSON.parse(readFileSync(file, 'utf8')) as Memory
  }
  return { port, klippy, daemon, socketFile: path.join(data, 'comms/moonraker.sock'), memory }
}

/** Each of a dozen kinds wants something else besides the counter. */
const wishOf = (index: number): object => ({
  [counter]: index % 2 === 0 ? null : ['value'],
  toolhead: Array.from({ length: 1 + (index % 12) }, (_, field) => `f${field}`),
})

interface Ending {
  reached: boolean
}

/** Visits, one after the other, until it is over. */
const keepVisiting = async (index: number, { port, socketFile }: Scene, over: Ending): Promise<number> => {
  const kinds = Object.values(visits)
  let turn = index
  while (!over.reached) {
    await kinds[turn % kinds.length]?.(port, socketFile)
    turn += 1
    await wait(100)
  }
  return turn - index
}

const keepSleeping = async ({ port, socketFile }: Scene, over: Ending): Promise<number> => {
  let turns = 0
  for (; !over.reached; turns += 1) await sleeper(port, socketFile)
  return turns
}

/** Counts up while somebody listens: what is told to nobody cannot be heard. @returns the last value */
const push = async (
  { klippy }: Scene,
  healthy: readonly Healthy[],
  from: number,
  count: number,
): Promise<number> => {
  let value = from
  for (let pushed = 0; pushed < count; pushed += 1) {
    await wait(interval)
    if (pushed % 60 === 30) {
      // What a process has not read when the other end closes may be lost to it; that is not what is looked for.
      await Promise.all(healthy.map((client) => client.untilHeard(value)))
      klippy.endAll()
    }
    if (!klippy.hears(counter)) continue
    value += 1
    klippy.set(counter, { value })
    klippy.set('toolhead', { [`f${value % 50}`]: value })
    klippy.print(`// line ${value}`)
  }
  return value
}

test('200 clients, some of them bad: nothing is lost to the good ones, and no memory to anybody', async (t) => {
  const at = await scene(t)
  const { daemon, klippy } = at
  const healthy = await Promise.all(
    Array.from({ length: healthyClients }, (_, index) => Healthy.open(at.port, wishOf(index))),
  )
  const over: Ending = { reached: false }
  const bad = [
    ...Array.from({ length: visitors }, (_, index) => keepVisiting(index, at, over)),
    ...Array.from({ length: sleepers }, () => keepSleeping(at, over)),
  ]
  let value = await push(at, healthy, 0, warm)
  const before = await at.memory()
  value = await push(at, healthy, value, pushes - warm)
  const after = await at.memory()
  over.reached = true
  const visited = await Promise.all(bad)
  assert.ok(
    visited.every((turns) => turns > 1),
    `${visited.join()} visits`,
  )
  // The last word reaches everybody, also after all that.
  while (!klippy.hears(counter)) await wait(20)
  klippy.set(counter, { value: value + 1 })
  klippy.print(`// line ${value + 1}`)
  await Promise.all(healthy.map((client) => client.untilHeard(value + 1)))
  assert.deepEqual(
    healthy.flatMap(({ faults }) => faults),
    [],
  )
  assert.ok(value > pushes / 2, `only ${value} of ${pushes} were heard`)
  assert.equal(daemon.alive, true)
  const shown = [before.live, after.live, before.resident, after.resident].map((bytes) =>
    (bytes / mebibyte).toFixed(1),
  )
  const sum = visited.reduce((all, turns) => all + turns, 0)
  t.diagnostic(
    `${value} updates, ${sum} visits; MiB live ${shown[0]} -> ${shown[1]}, resident ${shown[2]} -> ${shown[3]}`,
  )
  assert.ok(after.live - before.live < mostGrowth, `grew by ${after.live - before.live} bytes`)
  assert.ok(
    after.resident - before.resident < mostGrowth,
    `grew by ${after.resident - before.resident} resident bytes`,
  )
  for (const client of healthy) client.close()
})
