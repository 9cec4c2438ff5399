import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { Job } from '../../src/contract/generated/types.js'
import { systemFiles, type Files } from '../../src/system/files.js'
import { latch, type Bench } from '../support/engine.js'
import { heldCommands, kind, machine, upgradeOf, type Machine } from '../support/jobs.js'

const jobOf = ({ engine }: Bench, index = 0): Job => {
  const job = engine.jobs.list({ limit: 100, offset: 0 }).jobs[index]
  assert.ok(job)
  return job
}

const untouched = (at: Machine, bench: Bench): void => {
  assert.equal(at.version('one'), 'v1.0.0')
  assert.equal(existsSync(path.join(bench.dataFolder, 'journal.json')), false)
  assert.deepEqual(bench.journal.looseEnd, null)
}

test('a job that waits for the printer is cancelled', async (t) => {
  const at = await machine(t, 'one')
  const bench = await at.begin()
  bench.printer.printing = true
  const job = await bench.engine.change(upgradeOf('one', { when: 'idle' }))
  assert.ok(job)
  const ended = await bench.engine.cancelJob(job.id)
  assert.deepEqual([ended.state, ended.error?.code], ['cancelled', 'cancelled'])
  await assert.rejects(bench.engine.cancelJob(job.id), kind('job_ended'))
  await assert.rejects(bench.engine.cancelJob('nope'), kind('unknown_job'))
  untouched(at, bench)
})

test('a job that is queued behind another is cancelled, and its caller told, while the other still runs', async (t) => {
  const at = await machine(t, 'one', 'two')
  const { commands, hold } = await heldCommands()
  const bench = await at.begin({ commands })
  const { reached, release } = hold('fetch')
  const first = bench.engine.change(upgradeOf('two'))
  await reached
  const waiting = bench.engine.change(upgradeOf('one'))
  const told = assert.rejects(waiting, kind('cancelled'))
  const { id } = jobOf(bench)
  assert.equal((await bench.engine.cancelJob(id)).state, 'cancelled')
  await told
  assert.equal(jobOf(bench, 1).state, 'preparing')
  release()
  await first
  untouched(at, bench)
  assert.equal(bench.told.filter((job) => job.id === id && job.state === 'cancelled').length, 1)
})

test('a job is cancelled while its application is used by somebody else', async (t) => {
  const at = await machine(t, 'one')
  const { commands, hold } = await heldCommands()
  const bench = await at.begin({ commands })
  const { reached, release } = hold('fetch')
  const look = bench.engine.refresh('one')
  await reached
  const waiting = assert.rejects(bench.engine.change(upgradeOf('one')), kind('cancelled'))
  const job = await bench.untilTold(({ state }) => state === 'preparing')
  assert.equal((await bench.engine.cancelJob(job.id)).state, 'cancelled')
  await waiting
  release()
  await look
})

test('a job is cancelled while it is surveyed, though git stands still', async (t) => {
  const at = await machine(t, 'one')
  const { commands, hold } = await heldCommands()
  const bench = await at.begin({ commands })
  const { reached } = hold('fetch')
  const waiting = assert.rejects(bench.engine.change(upgradeOf('one')), kind('cancelled'))
  await reached
  const ended = await Promise.all([1, 2].map(() => bench.engine.cancelJob(jobOf(bench).id)))
  assert.deepEqual(
    ended.map(({ state }) => state),
    ['cancelled', 'cancelled'],
  )
  await waiting
  untouched(at, bench)
  await bench.engine.change(upgradeOf('one'))
})

test('a prepared job is dropped, and cannot be started while it is', async (t) => {
  const at = await machine(t, 'one')
  const bench = await at.begin()
  const job = await bench.engine.change(upgradeOf('one', { until: 'prepared' }))
  assert.ok(job)
  const dropped = bench.engine.cancelJob(job.id)
  await assert.rejects(bench.engine.startJob(job.id), kind('job_not_prepared'))
  assert.equal((await dropped).state, 'cancelled')
  await assert.rejects(bench.engine.startJob(job.id), kind('job_not_prepared'))
  untouched(at, bench)
})

test('a prepared job that was just started is cancelled', async (t) => {
  const at = await machine(t, 'one')
  const bench = await at.begin()
  const job = await bench.engine.change(upgradeOf('one', { until: 'prepared' }))
  assert.ok(job)
  const started = bench.engine.startJob(job.id)
  assert.equal((await bench.engine.cancelJob(job.id)).state, 'cancelled')
  await started
  untouched(at, bench)
})

/** Every stage of an upgrade, as it is told. */
const stagesOf = async (at: Machine): Promise<readonly string[]> => {
  const bench = await at.begin()
  await bench.engine.change(upgradeOf('one', { until: 'prepared' }))
  await bench.engine.startJob(jobOf(bench).id)
  await bench.untilTold(({ state }) => state === 'done')
  await bench.engine.stop()
  return [...new Set(bench.told.map(({ stage }) => stage))].filter((stage) => stage !== '')
}

test('a job is cancelled before, in and after every step: the old version is back each time', async (t) => {
  const scout = await machine(t, 'one')
  const stages = await stagesOf(scout)
  assert.ok(stages.length > 6, stages.join(', '))
  const at = await machine(t, 'one')
  let cancel: ((job: Job) => void) | null = null
  const bench = await at.begin({ onJob: (job) => cancel?.(job) })
  for (const stage of stages) {
    const asked: Promise<Job>[] = []
    cancel = (job) => {
      if (job.stage !== stage || asked.length > 0) return
      asked.push(bench.engine.cancelJob(job.id))
    }
    await assert.rejects(bench.engine.change(upgradeOf('one')), kind('cancelled'), stage)
    assert.equal((await asked[0])?.state, 'cancelled', stage)
    assert.equal(jobOf(bench).applications[0]?.outcome, 'cancelled', stage)
    untouched(at, bench)
  }
  cancel = null
  await bench.engine.change(upgradeOf('one'))
  assert.match(at.version('one'), /^v1\.1\.0/)
})

test('a job is cancelled in the middle of a step, whatever it does then', async (t) => {
  const at = await machine(t, 'one')
  const reached = latch()
  const failed = latch()
  let restarts = 0
  const restart = async (): Promise<void> => {
    restarts += 1
    if (restarts > 1) return
    reached.open()
    await failed.opened
    throw new Error('killed')
  }
  const bench = await at.begin({ services: { restart } })
  const waiting = assert.rejects(bench.engine.change(upgradeOf('one')), kind('cancelled'))
  await reached.opened
  const ended = bench.engine.cancelJob(jobOf(bench).id)
  failed.open()
  assert.equal((await ended).state, 'cancelled')
  await waiting
  untouched(at, bench)
})

test('what is committed is not cancelled: the job is done', async (t) => {
  const at = await machine(t, 'one')
  const asked: Promise<unknown>[] = []
  let committed = false
  const engineFiles: Files = {
    ...systemFiles,
    writeText: async (file, text) => {
      await systemFiles.writeText(file, text)
      committed ||= text.includes('"phase":"committed"')
      if (committed && file.endsWith('state/one.json') && asked.length === 0)
        asked.push(assert.rejects(bench.engine.cancelJob(jobOf(bench).id), kind('job_ended')))
    },
  }
  const bench = await at.begin({ engineFiles })
  await bench.engine.change(upgradeOf('one'))
  assert.equal(asked.length, 1)
  await asked[0]
  assert.equal(jobOf(bench).state, 'done')
  assert.match(at.version('one'), /^v1\.1\.0/)
})

test('of several, one after the other, a cancel undoes the one under way and leaves those that are done', async (t) => {
  const at = await machine(t, 'two', 'one')
  const asked: Promise<Job>[] = []
  const bench = await at.begin({
    onJob: (job) => {
      if (job.stage.startsWith('one: ') && asked.length === 0) asked.push(bench.engine.cancelJob(job.id))
    },
  })
  await assert.rejects(bench.engine.upgradeAll(), kind('cancelled'))
  const ended = await asked[0]
  assert.deepEqual(
    ended?.applications.map(({ name, outcome }) => [name, outcome]),
    [
      ['two', 'done'],
      ['one', 'cancelled'],
    ],
  )
  untouched(at, bench)
  assert.match(at.version('two'), /^v1\.1\.0/)
  const { entries } = await bench.engine.history({ name: null, limit: 10, offset: 0 })
  assert.deepEqual(
    entries.map(({ application, outcome }) => [application, outcome]),
    [
      ['one', 'cancelled'],
      ['two', 'done'],
    ],
  )
})
