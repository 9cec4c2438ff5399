import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import {
  checkMachine,
  configure,
  copyFixture,
  goals,
  makeFixture,
  strangers,
  type Expectation,
  type Goal,
} from '../support/crash-scene.js'
import { Daemon, freePort } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { git, type Upstream } from '../support/repositories.js'
import { entryOf, killDuring, ready, spread, startAgain, tryOnce, visible, type Kill } from './kills.js'

/** Points tried a goal, in the fixed sample. */
const sampled = { file: 24, checkout: 5, recovery: 8 }

interface Case {
  readonly goal: Goal
  readonly fixture: string
  readonly upstream: Upstream
  readonly expected: Expectation
}

/** A machine in the state in which the goal is asked for. */
const prepare = async (t: TestContext, goal: Goal): Promise<Case> => {
  const fixture = await temporaryFolder(t)
  const { upstream, app } = makeFixture(fixture)
  const old = git(app, 'rev-parse', 'HEAD')
  const tip = git(upstream.seed, 'rev-parse', 'master')
  configure(fixture, upstream, await freePort())
  if (goal.upgradedBefore) {
    const daemon = new Daemon(path.join(fixture, 'data'))
    await ready(daemon)
    assert.equal((await daemon.ask('machine.update.upgrade', { name: 'app' }))?.result, 'ok')
    daemon.kill('SIGTERM')
    await daemon.end()
  }
  goal.prepare(app)
  const ownFiles = goal.name !== 'rollback'
  const commits = goal.name === 'upgrade' || goal.name === 'rollback' ? [old, tip] : [old]
  return { goal, fixture, upstream, expected: { commits, edited: goal.name !== 'upgrade', ownFiles } }
}

/** Runs the operation in a copy of the fixture, killed as told. @returns how many points there were */
const runKilled = async (kase: Case, folder: string, kill: Kill): Promise<number> => {
  const machine = visible(folder)
  copyFixture(kase.fixture, machine)
  configure(machine, kase.upstream, await freePort())
  return killDuring(folder, kill, ready, kase.goal)
}

/** Starts for good, and compares what the daemon says with what is there. */
const judge = async (kase: Case, folder: string): Promise<void> => {
  const machine = visible(folder)
  const daemon = new Daemon(path.join(machine, 'data'))
  try {
    const status = entryOf(
      await daemon.askUntil('machine.update.status', (answer) => entryOf(answer) !== undefined),
    )
    checkMachine(machine, kase.expected)
    const head = git(path.join(machine, 'app'), 'rev-parse', 'HEAD')
    const dirty = git(path.join(machine, 'app'), 'status', '--porcelain', '--untracked-files=no') !== ''
    assert.deepEqual({ head: status?.['current_hash'], dirty: status?.['is_dirty'] }, { head, dirty })
    await ready(daemon)
    assert.deepEqual(strangers(machine), [])
  } finally {
    daemon.kill('SIGTERM')
    await daemon.end()
  }
}

let tried = 0

const trial = async (
  t: TestContext,
  name: string,
  work: (folder: string) => Promise<void>,
): Promise<void> => {
  tried += 1
  await tryOnce(t, name, work)
}

const filesCheckedOut = 8

for (const goal of goals) {
  test(`old or new after a kill: ${goal.name}`, async (t) => {
    const kase = await prepare(t, goal)
    const counting = path.join(kase.fixture, 'counting')
    mkdirSync(counting)
    const points = await runKilled(kase, counting, { at: 0, checkout: 0 })
    for (const at of spread(points, sampled.file)) {
      await trial(t, `at point ${at} of ${points}`, async (folder) => {
        await runKilled(kase, folder, { at, checkout: 0 })
        await judge(kase, folder)
      })
    }
    for (const nth of spread(filesCheckedOut, sampled.checkout)) {
      await trial(t, `while git wrote file ${nth}`, async (folder) => {
        await runKilled(kase, folder, { at: 0, checkout: nth })
        await judge(kase, folder)
      })
    }
    await killRecovery(t, kase, Math.ceil(points * 0.6))
    t.diagnostic(`${goal.name}: ${points} points, ${tried} kills tried so far`)
  })
}

/** Killed in the middle, and then again and again in the recovery from it. */
const killRecovery = async (t: TestContext, kase: Case, first: number): Promise<void> => {
  let points = 0
  await trial(t, 'counting the recovery', async (folder) => {
    await runKilled(kase, folder, { at: first, checkout: 0 })
    points = await startAgain(folder, 0)
    await judge(kase, folder)
  })
  for (const at of spread(points, sampled.recovery)) {
    await trial(t, `at point ${at} of ${points} of the recovery`, async (folder) => {
      await runKilled(kase, folder, { at: first, checkout: 0 })
      await startAgain(folder, at)
      await judge(kase, folder)
    })
  }
}

test('enough points were tried', (t) => {
  t.diagnostic(`tried ${tried} kills in all`)
  assert.ok(tried >= 100, `only ${tried}`)
})
