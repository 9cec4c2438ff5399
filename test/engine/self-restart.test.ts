import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { plainChange } from '../../src/engine/change.js'
import { Restarts } from '../../src/engine/restarts.js'
import { systemFiles } from '../../src/system/files.js'
import { hastyClock } from '../support/clock.js'
import { latch, type Bench } from '../support/engine.js'
import { temporaryFolder } from '../support/folder.js'
import { kind, machine, upgradeOf, type Machine } from '../support/jobs.js'
import { silentLog } from '../support/surroundings.js'

interface Life {
  readonly at: Machine
  readonly bench: Bench
  readonly made: string[]
  /** Resolves when our own restart was ordered. */
  readonly ordered: Promise<void>
}

/** A daemon that runs as the service `own`; an order to restart that never comes back, as systemd ends us before. */
const life = async (t: TestContext, own: string, ...names: string[]): Promise<Life> => {
  const at = await machine(t, ...names)
  const made: string[] = []
  const ordered = latch()
  const bench = await at.begin({
    ownService: own,
    services: {
      restart: async (service) => {
        made.push(service)
        if (service !== own) return
        ordered.open()
        await new Promise(() => undefined)
      },
    },
  })
  return { at, bench, made, ordered: ordered.opened }
}

const jobOf = (bench: Bench) => {
  const [job] = bench.engine.jobs.list({ limit: 1, offset: 0 }).jobs
  assert.ok(job)
  return job
}

test('an update of our own answers first, then restarts us, and the next start says that it is done', async (t) => {
  const { at, bench, made, ordered } = await life(t, 'one', 'one')
  await bench.engine.change(upgradeOf('one'))
  assert.deepEqual(made, [])
  assert.deepEqual([jobOf(bench).state, jobOf(bench).stage], ['running', 'restarting Moonkeeper'])
  assert.equal(bench.lines.at(-1)?.complete, true)
  assert.ok(bench.lines.some(({ message }) => message.includes('Restarting service one...')))
  await ordered
  assert.deepEqual(made, ['one'])
  // As SIGTERM does it.
  await bench.engine.stop()
  const next = await at.begin({ ownService: 'one' })
  const job = jobOf(next)
  assert.deepEqual([job.state, job.error, job.stage], ['done', null, ''])
  assert.deepEqual(
    job.applications.map(({ outcome }) => outcome),
    ['done'],
  )
  const { entries } = await next.engine.history({ name: null, limit: 10, offset: 0 })
  assert.deepEqual(
    entries.map(({ outcome, job: id }) => [outcome, id]),
    [['done', job.id]],
  )
  assert.equal(next.status('one').version, 'v1.1.0-1')
})

test('what waits in the queue begins after the restart, not before', async (t) => {
  const { at, bench, made, ordered } = await life(t, 'one', 'one', 'two')
  const first = bench.engine.change(upgradeOf('one'))
  const second = await bench.engine.change(upgradeOf('two', { background: true }))
  await Promise.all([first, ordered])
  assert.equal(at.version('two'), 'v1.0.0')
  await bench.engine.stop()
  assert.deepEqual(made, ['one'])
  const next = await at.begin({ ownService: 'one' })
  await next.untilTold((job) => job.id === second?.id && job.state === 'done')
  assert.notEqual(at.version('two'), 'v1.0.0')
})

test('while the restart is awaited there is nothing to cancel', async (t) => {
  const { bench } = await life(t, 'one', 'one')
  await bench.engine.change(upgradeOf('one'))
  await assert.rejects(bench.engine.cancelJob(jobOf(bench).id), kind('job_ended'))
})

test('in a full update our restart comes when all else is done, and other services are restarted before', async (t) => {
  const { bench, made, ordered } = await life(t, 'one', 'one', 'two')
  await bench.engine.change(plainChange('upgrade', null, 'somebody'))
  assert.deepEqual(made, ['two'])
  assert.equal(bench.lines.at(-1)?.message, 'Full Update Complete')
  await ordered
  assert.deepEqual(made, ['two', 'one'])
})

test('what was updated before another part failed is restarted, and so are we', async (t) => {
  const at = await machine(t, 'one', 'two')
  const ordered = latch()
  const bench = await at.begin({
    ownService: 'one',
    services: {
      restart: async (service) => {
        if (service === 'two') throw new Error('it does not start')
        ordered.open()
      },
    },
  })
  await assert.rejects(bench.engine.change(plainChange('upgrade', null, 'somebody')), /it does not start/)
  await ordered.opened
  assert.equal(jobOf(bench).state, 'failed')
})

test('an update that was undone restarts nobody', async (t) => {
  const at = await machine(t, 'one')
  const made: string[] = []
  const bench = await at.begin({
    ownService: 'one',
    services: {
      restart: async (service) => void made.push(service),
      // It ran before, and is gone after the last step.
      state: async () =>
        bench.lines.some(({ message }) => message.includes('Restarting service'))
          ? { active: false, restarts: 0, since: '1', sub: 'failed' }
          : { active: true, restarts: 0, since: '1', sub: 'running' },
    },
  })
  await assert.rejects(bench.engine.change(upgradeOf('one')), kind('health_failed'))
  assert.equal(at.version('one'), 'v1.0.0')
  assert.equal(bench.restarts.selfIsDue, false)
  // The next turn comes after whatever that one left to do.
  await bench.engine.manage(async () => [bench.application('one')])
  assert.deepEqual(made, [])
  assert.equal(jobOf(bench).state, 'failed')
})

test('when it cannot be ordered the job is over, and says what is to be done', async (t) => {
  for (const restart of [() => Promise.reject(new Error('Access denied')), () => Promise.resolve()]) {
    const at = await machine(t, 'one')
    const bench = await at.begin({ ownService: 'one', clock: hastyClock(), services: { restart } })
    const change = bench.engine.change(upgradeOf('one'))
    await change
    const job = await bench.untilTold(({ state }) => state === 'done')
    const { log = [] } = await bench.engine.jobs.read(job.id, 0)
    assert.match(log.at(-1)?.text ?? '', /^Moonkeeper is to be restarted by hand: /)
  }
})

test('what an undo owes us is made up for once: no start restarts us again and again', async (t) => {
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'restarts.json')
  const owedWhenOrdered: boolean[] = []
  const restarts = new Restarts({
    services: { restart: async () => void owedWhenOrdered.push(existsSync(file)) },
    clock: hastyClock(),
    files: systemFiles,
    log: silentLog,
    folder,
    isPrinting: () => false,
    isKnown: () => true,
    isOwn: async () => true,
  })
  await restarts.for('one').restartWhenIdle('one', () => undefined)
  await restarts.startAgain()
  assert.equal(existsSync(file), true)
  await restarts.settle()
  assert.deepEqual(owedWhenOrdered, [false])
})
