import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job } from '../../src/contract/generated/types.js'
import { movingClock } from '../support/clock.js'
import type { Bench } from '../support/engine.js'
import { heldCommands, kind, machine, upgradeOf } from '../support/jobs.js'

const later = { when: 'idle' } as const

const read = ({ engine }: Bench, id: string): Job => {
  const job = engine.jobs.list({ limit: 100, offset: 0 }).jobs.find((one) => one.id === id)
  assert.ok(job)
  return job
}

const queued = async (bench: Bench, name: string, more: object = later): Promise<string> => {
  const job = await bench.engine.change(upgradeOf(name, more))
  assert.equal(job?.state, 'queued')
  return job.id
}

const done = (bench: Bench, id: string): Promise<Job> =>
  bench.untilTold((job) => job.id === id && job.state === 'done')

test('a job waits for the end of a print, then counts down, and a new print stops that', async (t) => {
  const at = await machine(t, 'one')
  const clock = movingClock()
  const bench = await at.begin({ clock })
  bench.printer.printing = true
  const id = await queued(bench, 'one')
  await clock.pass(3600)
  assert.equal(read(bench, id).stage, 'waits for the end of the print')
  bench.printer.printing = false
  await clock.pass(1)
  assert.equal(read(bench, id).starts_at, clock.now() / 1000 + 60)
  await clock.pass(58)
  bench.printer.printing = true
  await clock.pass(1)
  assert.equal(read(bench, id).starts_at, null)
  await clock.pass(120)
  bench.printer.printing = false
  await clock.pass(60)
  assert.equal(read(bench, id).state, 'queued')
  await clock.pass(1)
  await done(bench, id)
  assert.match(at.version('one'), /^v1\.1\.0/)
})

test('in the countdown a job is cancelled, or started at once; a print refuses the start', async (t) => {
  const at = await machine(t, 'one')
  const clock = movingClock()
  const bench = await at.begin({ clock })
  bench.printer.printing = true
  const first = await queued(bench, 'one')
  await assert.rejects(bench.engine.startJob(first), kind('printing'))
  bench.printer.printing = false
  await clock.pass(30)
  assert.equal((await bench.engine.cancelJob(first)).state, 'cancelled')
  await clock.pass(120)
  assert.equal(at.version('one'), 'v1.0.0')
  bench.printer.printing = true
  const second = await queued(bench, 'one')
  bench.printer.printing = false
  await clock.pass(2)
  await bench.engine.startJob(second)
  await done(bench, second)
  assert.equal(read(bench, second).starts_at, null)
})

test('a clock that is set ends no countdown', async (t) => {
  const at = await machine(t, 'one')
  const clock = movingClock()
  const bench = await at.begin({ clock })
  bench.printer.printing = true
  const id = await queued(bench, 'one')
  bench.printer.printing = false
  await clock.pass(10)
  clock.set(clock.now() + 86_400_000)
  await clock.pass(40)
  assert.equal(read(bench, id).state, 'queued')
  await clock.pass(20)
  await done(bench, id)
})

test('a window over midnight is waited for, and left again when it ends', async (t) => {
  const at = await machine(t, 'one')
  const clock = movingClock()
  const bench = await at.begin({ clock, policy: { updateWindow: [23, 5] } })
  clock.at = 12
  const id = await queued(bench, 'one', { when: 'window' })
  assert.equal(read(bench, id).stage, 'waits for update_window')
  clock.at = 4
  await clock.pass(30)
  clock.at = 5
  await clock.pass(60)
  assert.equal(read(bench, id).starts_at, null)
  clock.at = 0
  await clock.pass(61)
  await done(bench, id)
})

test('the same is not queued twice, whatever the order of its names', async (t) => {
  const at = await machine(t, 'one', 'two')
  const { engine, printer } = await at.begin({ clock: movingClock() })
  printer.printing = true
  await engine.change(upgradeOf('one', { ...later, names: ['one', 'two'] }))
  const again = engine.change(upgradeOf('one', { ...later, names: ['two', 'one'] }))
  await assert.rejects(again, kind('already_queued'))
  assert.equal(engine.jobs.list({ limit: 10, offset: 0 }).total, 1)
})

test('the queue outlives a stop, in its order, though the clock was set back', async (t) => {
  const names = ['one', 'two', 'three']
  const at = await machine(t, ...names)
  const clock = movingClock()
  const first = await at.begin({ clock })
  first.printer.printing = true
  for (const name of names) {
    await queued(first, name)
    clock.set(clock.now() - 3_600_000)
  }
  await first.engine.stop()
  const next = await at.begin({ clock })
  await clock.pass(61)
  for (const name of names)
    await next.untilTold(({ state, applications }) => state === 'done' && applications[0]?.name === name)
  const order = next.told
    .filter(({ state }) => state === 'done')
    .map(({ applications }) => applications[0]?.name)
  assert.deepEqual(order, names)
})

test('a job whose print begins between its turn and its first change waits again', async (t) => {
  const at = await machine(t, 'one')
  const clock = movingClock()
  const { commands, hold } = await heldCommands()
  const bench = await at.begin({ clock, commands })
  bench.printer.printing = true
  const id = await queued(bench, 'one')
  bench.printer.printing = false
  const { reached, release } = hold('fetch')
  await clock.pass(62)
  await reached
  bench.printer.printing = true
  release()
  await bench.untilTold(({ stage, started_at: began }) => stage.startsWith('waits for') && began !== null)
  assert.deepEqual([read(bench, id).state, read(bench, id).applications[0]?.outcome], ['queued', null])
  const { total } = await bench.engine.history({ name: null, limit: 1, offset: 0 })
  assert.equal(total, 0)
  bench.printer.printing = false
  await clock.pass(62)
  await done(bench, id)
})

test('a cancel that comes with the print ends a job that would wait again', async (t) => {
  const at = await machine(t, 'one')
  const clock = movingClock()
  const { commands, hold } = await heldCommands()
  const bench = await at.begin({ clock, commands })
  bench.printer.printing = true
  const id = await queued(bench, 'one')
  bench.printer.printing = false
  const { reached, release } = hold('fetch')
  await clock.pass(62)
  await reached
  bench.printer.printing = true
  const ended = bench.engine.cancelJob(id)
  release()
  assert.equal((await ended).state, 'cancelled')
})

test('what is stopped while it is prepared goes on at the next start', async (t) => {
  const at = await machine(t, 'one')
  const { commands, hold } = await heldCommands()
  const first = await at.begin({ commands })
  const { reached } = hold('fetch')
  const id = await queued(first, 'one', { background: true })
  await reached
  await first.engine.stop()
  assert.equal(read(first, id).state, 'queued')
  const next = await at.begin()
  await done(next, id)
})

test('a stop is over only when what came of the job is written down', async (t) => {
  const at = await machine(t, 'one')
  const first = await at.begin()
  let stopped = Promise.resolve()
  const job = await first.engine.change(upgradeOf('one', { background: true }))
  assert.ok(job)
  await first.untilTold(({ log }) => log?.some(({ text }) => text.endsWith('Update Finished...')) === true)
  stopped = first.engine.stop()
  await stopped
  const next = await at.begin()
  assert.equal(read(next, job.id).state, 'done')
  const { total } = await next.engine.history({ name: null, limit: 5, offset: 0 })
  assert.equal(total, 1)
})
