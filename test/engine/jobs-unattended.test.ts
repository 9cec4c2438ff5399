import assert from 'node:assert/strict'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Job } from '../../src/contract/generated/types.js'
import type { Policy } from '../../src/engine/application.js'
import { Schedule } from '../../src/engine/schedule.js'
import { movingClock, type MovingClock } from '../support/clock.js'
import type { Bench, Overrides } from '../support/engine.js'
import { heldCommands, kind, machine, upgradeOf, type Machine } from '../support/jobs.js'
import { commit, git } from '../support/repositories.js'
import { silentLog } from '../support/surroundings.js'

const all = { auto_update: 'all', soakTime: 0 } as const

const watched = async (
  at: Machine,
  policy: Partial<Policy>,
  overrides: Overrides = {},
): Promise<{ bench: Bench; clock: MovingClock; look: () => Promise<string[]> }> => {
  const clock = movingClock()
  const bench = await at.begin({ clock, policy, ...overrides })
  /** What an hour's look asks for, once it is over. */
  const look = async (): Promise<string[]> => {
    const before = bench.engine.jobs.list({ limit: 100, offset: 0 }).total
    await bench.engine.updateUnattended()
    const { jobs, total } = bench.engine.jobs.list({ limit: 100, offset: 0 })
    return jobs.slice(0, total - before).map(({ id }) => id)
  }
  return { bench, clock, look }
}

const ended = (bench: Bench, id: string | undefined) =>
  bench.untilTold((job) => job.id === id && job.ended_at !== null)

test('nothing is updated unattended unless it is asked for', async (t) => {
  const { look } = await watched(await machine(t, 'one'), { auto_update: 'none', soakTime: 0 })
  assert.deepEqual(await look(), [])
})

test('with all it is, and the job says so', async (t) => {
  const at = await machine(t, 'one')
  const { bench, look } = await watched(at, all)
  const [id] = await look()
  const job = await ended(bench, id)
  assert.deepEqual([job.state, job.asked_by, job.when], ['done', 'unattended', 'window'])
  assert.deepEqual(await look(), [])
})

test('with minor only what keeps its first number', async (t) => {
  const at = await machine(t, 'one')
  commit(at.upstream.seed, 'big', { 'app.py': 'print("two")\n' })
  git(at.upstream.seed, 'tag', '-a', '-m', 'v2.0.0', 'v2.0.0')
  at.upstream.publish()
  const { look } = await watched(at, { ...all, auto_update: 'minor' })
  assert.deepEqual(await look(), [])
})

test('a release must be old enough', async (t) => {
  const at = await machine(t, 'one')
  const { clock, look } = await watched(at, { ...all, soakTime: 24 })
  // The commits are of 2024-01-01.
  clock.set(Date.UTC(2024, 0, 1, 23))
  assert.deepEqual(await look(), [])
  clock.set(Date.UTC(2024, 0, 2, 1))
  assert.equal((await look()).length, 1)
})

test('only in its window, and never while something waits or runs for it', async (t) => {
  const at = await machine(t, 'one')
  const { bench, clock, look } = await watched(at, { ...all, updateWindow: [2, 4] })
  clock.at = 12
  assert.deepEqual(await look(), [])
  clock.at = 3
  bench.printer.printing = true
  const [id] = await look()
  assert.deepEqual(await look(), [])
  assert.equal(at.version('one'), 'v1.0.0')
  bench.printer.printing = false
  await clock.pass(62)
  await ended(bench, id)
})

test('failures are counted once each, end it with a warning, and are forgotten by an update that holds', async (t) => {
  const at = await machine(t, 'one')
  let fails = true
  const restart = async (): Promise<void> => {
    fails = !fails
    if (!fails && broken) throw new Error('no such service')
  }
  let broken = true
  const { bench, look } = await watched(at, { ...all, maxFailures: 2 }, { services: { restart } })
  for (const count of [1, 2]) {
    const [id] = await look()
    assert.equal((await ended(bench, id)).state, 'failed')
    await bench.engine.jobs.read(id ?? '', 0)
    assert.equal(bench.application('one').failures, count)
  }
  assert.deepEqual(await look(), [])
  assert.match(bench.status('one').warnings.join(), /unattended updates stopped after 2 failures/)
  await bench.engine.stop()
  const next = await at.begin({ policy: { ...all, maxFailures: 2 } })
  assert.equal(next.application('one').failures, 2)
  broken = false
  await next.engine.upgrade('one')
  assert.equal(next.application('one').failures, 0)
  assert.doesNotMatch(next.status('one').warnings.join(), /unattended/)
})

test('what a person cancels, a print puts off, or a stop ends is no failure', async (t) => {
  const at = await machine(t, 'one')
  const { commands, hold } = await heldCommands()
  const { bench, clock, look } = await watched(at, all, { commands })
  const first = hold('fetch')
  const [cancelled] = await look()
  await first.reached
  await bench.engine.cancelJob(cancelled ?? '')
  const second = hold('fetch')
  const [put] = await look()
  await second.reached
  bench.printer.printing = true
  second.release()
  await bench.untilTold(({ id, stage }) => id === put && stage.startsWith('waits for'))
  bench.printer.printing = false
  const third = hold('fetch')
  await clock.pass(62)
  await third.reached
  await bench.engine.stop()
  assert.equal(bench.application('one').failures, 0)
})

test('a remote that cannot be reached is no failure', async (t) => {
  const at = await machine(t, 'one')
  const { bench, clock, look } = await watched(at, { ...all, maxFailures: 1 })
  const app = path.join(at.folder, 'one')
  // git is asked a few times, with a pause between.
  const end = async (id: string | undefined): Promise<Job> => {
    const told: Job[] = []
    void ended(bench, id).then((job) => told.push(job))
    for (;;) {
      const [job] = told
      if (job !== undefined) return job
      await clock.pass(1)
    }
  }
  const url = git(app, 'remote', 'get-url', 'origin')
  git(app, 'remote', 'set-url', 'origin', 'http://127.0.0.1:1/gone.git')
  for (let times = 0; times < 2; times += 1) {
    const [id] = await look()
    const { state, error } = await end(id)
    assert.deepEqual([state, error?.code], ['failed', 'remote_failed'])
    assert.equal(bench.application('one').failures, 0)
  }
  git(app, 'remote', 'set-url', 'origin', url)
  const [id] = await look()
  assert.equal((await ended(bench, id)).state, 'done')
})

test('an application that cannot be asked for keeps no other from it', async (t) => {
  const at = await machine(t, 'one', 'two')
  const { bench, look } = await watched(at, all)
  const ids = await look()
  assert.equal(ids.length, 2)
  for (const id of ids) assert.equal((await ended(bench, id)).state, 'done')
})

/** A second of the watchdog, whose clock is told how many passed. */
const seconds = async (t: TestContext, clock: MovingClock, count: number): Promise<void> => {
  for (let second = 0; second < count; second += 1) {
    clock.set(clock.now() + 1000)
    t.mock.timers.tick(1000)
  }
  await Promise.resolve()
}

test('a job that stands still is stopped and undone before the next begins', async (t) => {
  const at = await machine(t, 'one', 'two')
  const { commands, hold } = await heldCommands()
  const clock = movingClock()
  const bench = await at.begin({ clock, commands, lockTimeout: 180_000 })
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { reached } = hold('merge')
  const stalled = assert.rejects(bench.engine.change(upgradeOf('one')), kind('stalled'))
  await reached
  const next = bench.engine.change(upgradeOf('two'))
  await seconds(t, clock, 179)
  assert.equal(bench.engine.jobs.list({ state: 'running', limit: 1, offset: 0 }).total, 1)
  await seconds(t, clock, 2)
  await stalled
  await next
  assert.equal(at.version('one'), 'v1.0.0')
  assert.match(at.version('two'), /^v1\.1\.0/)
})

test('a job that stands still while it is surveyed says so', async (t) => {
  const at = await machine(t, 'one')
  const { commands, hold } = await heldCommands()
  const clock = movingClock()
  const bench = await at.begin({ clock, commands, lockTimeout: 60_000 })
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { reached } = hold('fetch')
  const stalled = assert.rejects(bench.engine.change(upgradeOf('one')), kind('stalled'))
  await reached
  await seconds(t, clock, 62)
  await stalled
  const [job] = bench.engine.jobs.list({ limit: 1, offset: 0 }).jobs
  assert.equal(job?.error?.code, 'stalled')
})

test('the schedule begins with a look, and updates what is due', async (t) => {
  const at = await machine(t, 'one')
  const { bench, clock } = await watched(at, all)
  const schedule = new Schedule(bench.engine, clock, silentLog, { enabled: true, window: [0, 24] })
  t.after(() => schedule.stop())
  await schedule.start()
  assert.equal((await bench.untilTold(({ ended_at: at }) => at !== null)).asked_by, 'unattended')
})
