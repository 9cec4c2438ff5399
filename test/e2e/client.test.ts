import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Job } from '../../src/contract/generated/types.js'
import { Client, runClient, Wire } from '../support/client.js'
import { configure, makeFixture } from '../support/crash-scene.js'
import { Daemon, freePort } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { git } from '../support/repositories.js'

interface Machine {
  readonly folder: string
  readonly daemon: Daemon
  readonly tip: string
  readonly head: () => string
  /** Runs the client against this machine: its output, when it ends with this code. */
  readonly client: (code: number, ...args: readonly string[]) => Promise<string>
}

const machine = async (t: TestContext): Promise<Machine> => {
  const folder = await temporaryFolder(t)
  const { upstream, app } = makeFixture(folder)
  configure(folder, upstream, await freePort())
  const data = path.join(folder, 'data')
  const daemon = new Daemon(data)
  t.after(async () => {
    daemon.kill('SIGKILL')
    await daemon.end()
  })
  await daemon.askUntil('machine.update.refresh', ({ result }) => result !== undefined, { name: 'app' })
  return {
    folder,
    daemon,
    tip: git(upstream.seed, 'rev-parse', 'master'),
    head: () => git(app, 'rev-parse', 'HEAD'),
    client: async (expected, ...args) => {
      const { code, out, err } = await runClient(...args, '-d', data)
      assert.equal(code, expected, out + err)
      return out + err
    },
  }
}

const hashIn = (plan: string): string => /--plan-hash ([0-9a-f]{64})/.exec(plan)?.[1] ?? 'no hash'
const jobIn = (told: string): string => /Job ([0-9a-f-]{36}):/.exec(told)?.[1] ?? 'no job'

const linesOf = async (daemon: Daemon, id: string): Promise<readonly string[]> => {
  const answer = await daemon.ask('machine.update.jobs.get', { id })
  return ((answer?.result as Job).log ?? []).map(({ text }) => text)
}

/** The lines of a job that a follower printed. */
const followed = (out: string): readonly string[] =>
  [...out.matchAll(/^\d\d:\d\d:\d\d {2}(.*)$/gm)].map(([, text = '']) => text)

test('plan, upgrade with its hash, and what the history says of it', async (t) => {
  const { client, head, tip } = await machine(t)
  const before = head()
  const plan = await client(0, 'plan', 'app')
  assert.match(plan, /^app: v1\.0\.0-0 -> v1\.1\.0-1\n {2}3 commits:\n {4}\w{8} {2}fourth\n/)
  const old = await client(0, 'plan', 'app', '--version', 'v1.1.0')
  assert.notEqual(hashIn(old), hashIn(plan))
  assert.match(await client(1, 'upgrade', 'app', '--plan-hash', hashIn(old)), /\[plan_changed\]/)
  assert.equal(head(), before)
  await client(0, 'upgrade', 'app', '--plan-hash', hashIn(plan))
  assert.equal(head(), tip)
  assert.match(await client(0, 'plan', 'app'), /^Nothing to do: app/)
  const history = (await client(0, 'history', 'app')).split('\n')
  assert.match(history[1] ?? '', / app +upgrade +v1\.0\.0-0 -> v1\.1\.0-1 +done +moonkeeper-cli/)
  assert.match(await client(1, 'upgrade', 'app', '--version', 'v1.0.0'), /\[needs_plan_hash\]/)
  const back = await client(0, 'plan', 'app', '--version', 'v1.0.0')
  assert.match(back, /\n {2}GOES BACK to an older version: v1\.0\.0-0\n/)
  await client(0, 'upgrade', 'app', '--version', 'v1.0.0', '--plan-hash', hashIn(back))
  assert.equal(head(), before)
})

test('versions, and a pin at which an upgrade ends', async (t) => {
  const { client, folder } = await machine(t)
  assert.match(await client(0, 'versions', 'app'), /\nv1\.1\.0 +\S+ +- +third\n.*\nv1\.0\.0 +\S+ +current/)
  assert.match(await client(0, 'pin', 'app', 'v1.1.0'), /^app is pinned to v1\.1\.0/)
  await client(0, 'upgrade', 'app')
  const pinned = await client(0, 'versions', 'app')
  assert.match(pinned, /\nv1\.1\.0 +\S+ +current, pinned/)
  assert.equal(git(path.join(folder, 'app'), 'describe', '--tags'), 'v1.1.0')
  await client(0, 'pin', 'app', '--off')
  assert.match(await client(0, 'plan', 'app'), /^app: v1\.1\.0-0 -> v1\.1\.0-1\n/)
  assert.match(await client(1, 'pin', 'app', 'v9'), /\[unknown_version\]/)
})

test('prepare, start, and follow to the end', async (t) => {
  const { client, daemon, head, tip } = await machine(t)
  const before = head()
  const id = jobIn(await client(0, 'upgrade', 'app', '--prepare'))
  assert.equal(head(), before)
  assert.match(await client(0, 'jobs', '--state', 'prepared'), new RegExp(`^${id.slice(0, 8)} `, 'm'))
  assert.match(await client(0, 'log', '-f', id), /is prepared\. Apply it with/)
  await client(0, 'jobs', 'start', id.slice(0, 6))
  const out = await client(0, 'log', '-f', id.slice(0, 6))
  assert.equal(head(), tip)
  assert.deepEqual(followed(out), await linesOf(daemon, id))
  assert.match(out, /is done\.\n$/)
  assert.match(await client(0, 'jobs', 'get', id), /\nstate +done\n/)
  assert.match(await client(1, 'jobs', 'start', id), /\[job_not_prepared\]/)
  assert.match(await client(1, 'jobs', 'cancel', id), /\[job_ended\]/)
})

test('a cancelled job ends its follower with 1', async (t) => {
  const { client, head } = await machine(t)
  const before = head()
  const id = jobIn(await client(0, 'upgrade', 'app', '--prepare'))
  await client(0, 'jobs', 'cancel', id)
  assert.match(await client(1, 'log', '-f', id), /was cancelled: .*\[cancelled\]/)
  assert.equal(head(), before)
})

test('a follower whose connection is cut in the middle reads on without loss', async (t) => {
  const { client, daemon, folder, head, tip } = await machine(t)
  const wire = new Wire(path.join(folder, 'wire.sock'), path.join(folder, 'data/comms/moonraker.sock'))
  await wire.mend()
  t.after(() => wire.cut())
  // The update waits for whoever holds the index.
  const lock = path.join(folder, 'app/.git/index.lock')
  writeFileSync(lock, '')
  const id = jobIn(await client(0, 'upgrade', 'app', '--background'))
  const follower = new Client('log', '-f', id, '-u', wire.socket)
  t.after(() => follower.kill())
  await follower.shows('Updating Repo...')
  const early = followed(follower.out)
  await wire.cut()
  await follower.shows('Trying again')
  rmSync(lock)
  const isDone = ({ result }: { readonly result?: unknown }): boolean => (result as Job).state === 'done'
  await daemon.askUntil('machine.update.jobs.get', isDone, { id })
  assert.deepEqual(followed(follower.out), early)
  await wire.mend()
  assert.equal(await follower.end(), 0)
  const all = await linesOf(daemon, id)
  assert.ok(all.length > early.length)
  assert.deepEqual(followed(follower.out), all)
  assert.equal(head(), tip)
})
