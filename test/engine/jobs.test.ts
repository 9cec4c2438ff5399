import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { Job } from '../../src/contract/generated/types.js'
import { failingFiles } from '../support/engine.js'
import { commit, git } from '../support/repositories.js'
import { heldCommands, kind, machine, upgradeOf } from '../support/jobs.js'

const statesOf = (told: readonly Job[], id: string): string[] => {
  const states = told.filter((job) => job.id === id).map(({ state }) => state)
  return states.filter((state, index) => state !== states[index - 1])
}

/** The first restart of a service fails. */
const failingOnce = (): { restart: () => Promise<void> } => {
  let failed = false
  return {
    restart: async () => {
      if (failed) return
      failed = true
      throw new Error('no such service')
    },
  }
}

test('a job tells its states, stages, times and lines, and its progress never goes back', async (t) => {
  const at = await machine(t, 'one')
  const { engine, told } = await at.begin()
  await engine.change(upgradeOf('one'))
  const [job] = engine.jobs.list({ limit: 10, offset: 0 }).jobs
  assert.ok(job)
  assert.deepEqual(statesOf(told, job.id), ['preparing', 'running', 'done'])
  const progress = told.map((one) => one.progress)
  assert.deepEqual(
    progress,
    progress.toSorted((a, b) => a - b),
  )
  assert.deepEqual([progress[0], progress.at(-1)], [0, 1])
  const stages = new Set(told.map(({ stage }) => stage))
  for (const stage of ['looking', 'preparing', 'looking whether it runs']) assert.ok(stages.has(stage), stage)
  assert.ok([...stages].some((stage) => stage.startsWith('one: ')))
  assert.deepEqual([job.asked_by, job.error, job.stage], ['somebody', null, ''])
  assert.ok(job.created_at <= (job.started_at ?? 0) && (job.started_at ?? 0) <= (job.ended_at ?? 0))
  const { log = [] } = await engine.jobs.read(job.id, 0)
  assert.deepEqual(
    log.map(({ seq }) => seq),
    log.map((_, index) => index + 1),
  )
  assert.equal(log.length, job.last_seq)
  assert.deepEqual((await engine.jobs.read(job.id, job.last_seq - 1)).log, log.slice(-1))
  const lines = told.flatMap((one) => one.log ?? [])
  assert.deepEqual(lines, log)
  const outcomes = job.applications.map(({ from, to, outcome }) => [from, to, outcome])
  assert.deepEqual(outcomes, [['v1.0.0-0', 'v1.1.0-1', 'done']])
})

test('a job in the background is answered at once, queued', async (t) => {
  const at = await machine(t, 'one')
  const { engine, told, untilTold } = await at.begin()
  const job = await engine.change(upgradeOf('one', { background: true }))
  assert.equal(job?.state, 'queued')
  await untilTold(({ state }) => state === 'done')
  assert.deepEqual(statesOf(told, job.id), ['queued', 'preparing', 'running', 'done'])
})

test('what was prepared is applied exactly, though the remote moved on and is gone', async (t) => {
  const at = await machine(t, 'one')
  const { engine, untilTold } = await at.begin()
  const job = await engine.change(upgradeOf('one', { until: 'prepared' }))
  assert.equal(job?.state, 'prepared')
  assert.equal(at.version('one'), 'v1.0.0')
  const prepared = git(at.upstream.url, 'rev-parse', 'master')
  commit(at.upstream.seed, 'later', { 'app.py': 'print("five")\n' })
  at.upstream.publish()
  renameSync(at.upstream.url, `${at.upstream.url}.gone`)
  await engine.startJob(job.id)
  await untilTold(({ state }) => state === 'done')
  assert.equal(git(path.join(at.folder, 'one'), 'rev-parse', 'HEAD'), prepared)
})

test('an edit after the preparation is told at the start; without it the job starts', async (t) => {
  const at = await machine(t, 'one')
  const { engine, untilTold } = await at.begin()
  const job = await engine.change(upgradeOf('one', { until: 'prepared' }))
  assert.ok(job)
  const file = path.join(at.folder, 'one/conf/defaults.cfg')
  writeFileSync(file, 'speed: 1\nheat: 1\nlight: 1\nsound: 1\nhome: 77\n')
  await engine.startJob(job.id)
  const refused = await untilTold(({ error, state }) => state === 'prepared' && error !== null)
  assert.equal(refused.error?.code, 'plan_changed')
  assert.deepEqual(
    refused.applications.map(({ outcome }) => outcome),
    [null],
  )
  assert.equal(at.version('one'), 'v1.0.0')
  git(path.join(at.folder, 'one'), 'checkout', '-q', '--', 'conf/defaults.cfg')
  await engine.startJob(job.id)
  await untilTold(({ state }) => state === 'done')
  assert.match(at.version('one'), /^v1\.1\.0/)
})

test('only a prepared job starts, and once', async (t) => {
  const at = await machine(t, 'one')
  const { engine, untilTold } = await at.begin()
  await assert.rejects(engine.startJob('nope'), kind('unknown_job'))
  const job = await engine.change(upgradeOf('one', { until: 'prepared' }))
  assert.ok(job)
  const both = await Promise.allSettled([engine.startJob(job.id), engine.startJob(job.id)])
  assert.deepEqual(
    both.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  )
  await untilTold(({ state }) => state === 'done')
  await assert.rejects(engine.startJob(job.id), kind('job_not_prepared'))
})

test('a prepared job waits through a print: it is not started, and not lost', async (t) => {
  const at = await machine(t, 'one')
  const { engine, printer, untilTold } = await at.begin({ prepareWhilePrinting: true })
  printer.printing = true
  const job = await engine.change(upgradeOf('one', { until: 'prepared' }))
  assert.ok(job)
  await assert.rejects(engine.startJob(job.id), kind('printing'))
  assert.equal(engine.jobs.list({ limit: 1, offset: 0 }).jobs[0]?.state, 'prepared')
  printer.printing = false
  await engine.startJob(job.id)
  await untilTold(({ state }) => state === 'done')
})

test('a print that begins after a start, before anything is changed, leaves it prepared', async (t) => {
  const at = await machine(t, 'one')
  const { commands, hold } = await heldCommands()
  const { engine, printer, untilTold } = await at.begin({ commands })
  const job = await engine.change(upgradeOf('one', { until: 'prepared' }))
  assert.ok(job)
  const { reached, release } = hold('status')
  await engine.startJob(job.id)
  await reached
  printer.printing = true
  release()
  const refused = await untilTold(({ error }) => error !== null)
  assert.deepEqual([refused.state, refused.error?.code], ['prepared', 'printing'])
  assert.equal(at.version('one'), 'v1.0.0')
})

test('a prepared job outlives a restart; one that was started goes on after a stop', async (t) => {
  const at = await machine(t, 'one')
  const { commands, hold } = await heldCommands()
  const first = await at.begin({ commands })
  const job = await first.engine.change(upgradeOf('one', { until: 'prepared' }))
  assert.ok(job)
  await first.engine.stop()
  const second = await at.begin({ commands })
  assert.equal(second.engine.jobs.list({ limit: 1, offset: 0 }).jobs[0]?.state, 'prepared')
  const { reached } = hold('status')
  await second.engine.startJob(job.id)
  await reached
  await second.engine.stop()
  const third = await at.begin()
  await third.untilTold(({ state }) => state === 'done')
  assert.match(at.version('one'), /^v1\.1\.0/)
})

test('a retry with its key is answered with the first job, in every state and after a restart', async (t) => {
  const at = await machine(t, 'one')
  const { commands, hold } = await heldCommands()
  const { engine, ...bench } = await at.begin({ commands })
  const asked = upgradeOf('one', { idempotencyKey: 'k' })
  const { reached, release } = hold('fetch')
  const first = engine.change(asked)
  await reached
  const during = await engine.change({ ...asked, background: true, askedBy: 'another' })
  assert.equal(during?.state, 'preparing')
  await assert.rejects(engine.change({ ...asked, atomic: true }), kind('idempotency_key_reused'))
  release()
  const job = await first
  assert.deepEqual([job?.id, job?.state], [during.id, 'done'])
  bench.printer.printing = true
  assert.equal((await engine.change(asked))?.id, job?.id)
  await engine.stop()
  const next = await at.begin()
  assert.equal((await next.engine.change(asked))?.id, job?.id)
  assert.equal(next.engine.jobs.list({ limit: 10, offset: 0 }).total, 1)
})

test('a retry of what failed is answered with the failed job', async (t) => {
  const at = await machine(t, 'one')
  const { engine } = await at.begin({ services: failingOnce() })
  const asked = upgradeOf('one', { idempotencyKey: 'k' })
  await assert.rejects(engine.change(asked))
  assert.equal((await engine.change(asked))?.state, 'failed')
})

test('a job that cannot be written down is refused and forgotten', async (t) => {
  const at = await machine(t, 'one')
  const disk = failingFiles()
  const { engine } = await at.begin({ engineFiles: disk.files })
  disk.refuse('ENOSPC')
  const asked = upgradeOf('one', { when: 'idle', background: true, idempotencyKey: 'k' })
  await assert.rejects(engine.change(asked))
  assert.equal(engine.jobs.list({ limit: 1, offset: 0 }).total, 0)
})
