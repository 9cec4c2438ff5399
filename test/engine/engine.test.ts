import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import { Queue, Slots } from '../../src/system/queue.js'
import { isWithin } from '../../src/engine/schedule.js'
import { makeEngine, type Bench } from '../support/engine.js'
import { temporaryFolder } from '../support/folder.js'
import { checkoutAt, git, makeUpstream } from '../support/repositories.js'
import { gitOptions } from '../support/surroundings.js'

const kind = (expected: string) => (thrown: unknown) =>
  thrown instanceof MoonkeeperError && thrown.kind === expected

const twoApplications = async (t: TestContext): Promise<{ bench: Bench; folder: string }> => {
  const folder = await temporaryFolder(t)
  const upstream = makeUpstream(folder)
  const options = Object.fromEntries(
    ['klipper', 'plugin'].map((name) => {
      const app = checkoutAt(upstream, path.join(folder, name), 'v1.0.0')
      return [
        name,
        gitOptions(app, upstream.url, { managed_services: name === 'plugin' ? ['klipper'] : ['klipper'] }),
      ]
    }),
  )
  const bench = await makeEngine(folder, options)
  t.after(() => bench.engine.stop())
  return { bench, folder }
}

test('while printing nothing is changed and nothing is asked of a remote', async (t) => {
  const { bench } = await twoApplications(t)
  const { engine } = bench
  bench.printer.printing = true
  await assert.rejects(engine.upgrade('nope'), /^MoonkeeperError: Update Refused: Klippy is printing$/)
  await assert.rejects(engine.upgradeAll(), kind('printing'))
  await assert.rejects(
    engine.recover('klipper', { hard: false, updateDependencies: false }),
    /Recovery Attempt Refused/,
  )
  await assert.rejects(engine.rollback('klipper'), /Rollback Attempt Refused/)
  await assert.rejects(engine.refresh('klipper'), /Server is busy/)
  await assert.rejects(engine.refresh('nope'), /No updater registered for 'nope'/)
  assert.equal(await engine.refreshIfAllowed(), engine.status())
  assert.deepEqual(bench.lines, [])
})

test('another item waits, the same item and a refresh are refused, an unknown one is told at once', async (t) => {
  const { bench, folder } = await twoApplications(t)
  const first = bench.engine.upgrade('plugin')
  await assert.rejects(bench.engine.upgrade('nope'), kind('unknown_application'))
  const second = bench.engine.upgrade('klipper')
  while (!bench.engine.status().value.busy) await new Promise(setImmediate)
  await assert.rejects(bench.engine.upgrade('plugin'), /Item plugin is currently updating/)
  await assert.rejects(bench.engine.refresh(null), /Server is busy/)
  await Promise.all([first, second])
  assert.equal(bench.engine.status().value.busy, false)
  const applications = bench.lines.map((line) => line.application)
  assert.ok(applications.lastIndexOf('plugin') < applications.indexOf('klipper'), 'they do not mix')
  for (const name of ['plugin', 'klipper'])
    assert.equal(git(path.join(folder, name), 'describe', '--tags').startsWith('v1.1.0'), true)
})

test('a full update takes Klipper last, restarts what is shared once, and ends with one complete', async (t) => {
  const { bench } = await twoApplications(t)
  await bench.engine.upgradeAll()
  const messages = bench.lines.map((line) => line.message)
  assert.equal(messages[0], 'Preparing full software update...')
  assert.equal(messages.at(-1), 'Full Update Complete')
  assert.ok(
    messages.indexOf('Updating Application plugin...') < messages.indexOf('Updating Application klipper...'),
  )
  assert.ok(messages.includes('Git Repo plugin: Service klipper restart postponed...'))
  assert.equal(messages.filter((message) => message.endsWith('Restarting service klipper...')).length, 1)
  assert.ok(messages.includes('Klippy Reconnected'))
  assert.deepEqual(new Set(bench.lines.map((line) => line.application)), new Set(['full']))
  assert.deepEqual(
    bench.lines.filter((line) => line.complete).map((line) => line.message),
    ['Full Update Complete'],
  )
})

test('a full update stops at the first that fails, and says so', async (t) => {
  const { bench, folder } = await twoApplications(t)
  writeFileSync(path.join(folder, 'plugin/app.py'), 'mine\n')
  await bench.engine.refresh('plugin')
  await assert.rejects(bench.engine.upgradeAll(), /repo not valid/)
  assert.equal(bench.lines.at(-1)?.message, 'Error updating plugin: Update aborted, repo not valid')
  assert.equal(bench.lines.at(-1)?.complete, true)
  assert.equal(git(path.join(folder, 'klipper'), 'describe', '--tags'), 'v1.0.0')
})

test('the status is serialised once a change', async (t) => {
  const { bench } = await twoApplications(t)
  const before = bench.engine.status()
  assert.equal(bench.engine.status(), before)
  await bench.engine.refresh('plugin')
  assert.notEqual(bench.engine.status(), before)
  assert.equal(bench.engine.status().json, JSON.stringify(bench.engine.status().value))
})

test('a queue keeps the order and survives failures', async () => {
  const queue = new Queue()
  const done: number[] = []
  const work = (index: number) => async (): Promise<void> => {
    await Promise.resolve()
    done.push(index)
    if (index === 1) throw new Error('one')
  }
  const all = await Promise.allSettled([0, 1, 2].map((index) => queue.run(work(index))))
  assert.deepEqual(done, [0, 1, 2])
  assert.deepEqual(
    all.map((result) => result.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
})

test('only so many at once, and a failure frees its place', async () => {
  const slots = new Slots(4)
  let now = 0
  let most = 0
  const work = async (): Promise<void> => {
    now += 1
    most = Math.max(most, now)
    await new Promise(setImmediate)
    now -= 1
    if (most % 2 === 0) throw new Error('one')
  }
  const all = await Promise.allSettled(Array.from({ length: 20 }, () => slots.run(work)))
  assert.equal(all.length, 20)
  assert.equal(most, 4)
})

test('a window of hours may go over midnight', () => {
  const hours = (window: number[]): number[] =>
    Array.from({ length: 24 }, (_, hour) => hour).filter((hour) => isWithin(hour, window))
  assert.deepEqual(hours([0, 5]), [0, 1, 2, 3, 4])
  assert.deepEqual(hours([22, 2]), [0, 1, 22, 23])
})
