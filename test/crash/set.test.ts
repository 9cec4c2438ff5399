import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import type { HistoryEntry, Job } from '../../src/contract/generated/types.js'
import { History } from '../../src/engine/history.js'
import { systemFiles } from '../../src/system/files.js'
import { addHiddenWork, checkSet, configure, copyFixture, strangers } from '../support/crash-scene.js'
import { Daemon, freePort } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { checkoutAt, git, makeUpstream, type Upstream } from '../support/repositories.js'
import { silentLog } from '../support/surroundings.js'
import { killDuring, killRecovering, spread, tryOnce, visible, type Kill } from './kills.js'

const names = ['one', 'two', 'three']
const request = { method: 'machine.update.upgrade', params: { names, atomic: true } }

/** Points tried in the fixed sample. */
const sampled = { file: 40, checkout: 8, recovery: 6 }
/** Files that git writes: of each application the same. */
const filesCheckedOut = 3 * 6

interface Machine {
  readonly fixture: string
  readonly upstream: Upstream
  readonly old: string
  readonly tip: string
}

/** Three checkouts at v1.0.0, each with work of its owner. */
const makeMachine = async (t: TestContext): Promise<Machine> => {
  const fixture = await temporaryFolder(t)
  const upstream = makeUpstream(fixture)
  for (const name of names) addHiddenWork(checkoutAt(upstream, path.join(fixture, name), 'v1.0.0'))
  configure(fixture, upstream, await freePort(), names)
  const old = git(path.join(fixture, 'one'), 'rev-parse', 'HEAD')
  return { fixture, upstream, old, tip: git(upstream.seed, 'rev-parse', 'master') }
}

const ready = (daemon: Daemon): Promise<unknown> =>
  daemon.askUntil('machine.update.refresh', (answer) => answer.result !== undefined, { name: 'three' })

const known = (answer: { readonly result?: unknown }): boolean => {
  const status = answer.result as { version_info?: object } | undefined
  return names.every((name) => name in (status?.version_info ?? {}))
}

const looked = (daemon: Daemon): Promise<unknown> => daemon.askUntil('machine.update.status', known)

const runKilled = async (machine: Machine, folder: string, kill: Kill): Promise<number> => {
  const copy = visible(folder)
  copyFixture(machine.fixture, copy, names)
  configure(copy, machine.upstream, await freePort(), names)
  return killDuring(folder, kill, ready, request)
}

const resultOf = async <T>(daemon: Daemon, method: string, params: object = {}): Promise<T> =>
  (await daemon.ask(method, params))?.result as T

/** What is told of the one job is what was done; of a kill before the first change nothing need be known. */
const checkJob = async (daemon: Daemon, updated: boolean): Promise<void> => {
  const { jobs } = await resultOf<{ jobs: Job[] }>(daemon, 'machine.update.jobs.list')
  const { entries } = await resultOf<{ entries: HistoryEntry[] }>(daemon, 'machine.update.history')
  const [listed] = jobs
  assert.ok(listed !== undefined || !updated, 'nothing is known of what was done')
  if (listed === undefined) return assert.deepEqual(entries, [])
  const { id } = listed
  const job = await resultOf<Job>(daemon, 'machine.update.jobs.get', { id })
  const outcome = updated ? 'done' : 'failed'
  assert.deepEqual(
    [jobs.length, job.state, job.error?.code ?? null, job.ended_at !== null],
    [1, outcome, updated ? null : 'interrupted', true],
  )
  const part = { from: 'v1.0.0-0', to: 'v1.1.0-1', outcome }
  assert.deepEqual(
    job.applications,
    names.map((name) => ({ name, ...part })),
  )
  assert.deepEqual(
    entries
      .map(({ application, from, to, outcome: told, job: of }) => [application, from, to, told, of])
      .sort(),
    names.map((name) => [name, part.from, part.to, outcome, id]).sort(),
  )
}

/** Starts for good, and compares what the daemon says with what is there. */
const judge = async ({ old, tip }: Machine, folder: string): Promise<void> => {
  const machine = visible(folder)
  const daemon = new Daemon(path.join(machine, 'data'))
  try {
    await looked(daemon)
    const head = checkSet(machine, names, [old, tip])
    const status = await resultOf<{
      version_info: Record<string, { current_hash: string; is_valid: boolean }>
    }>(daemon, 'machine.update.status')
    for (const name of names) {
      const { current_hash: told, is_valid: valid } = status.version_info[name] ?? {}
      assert.deepEqual([told, valid], [head, true])
    }
    await checkJob(daemon, head === tip)
    const history = new History(path.join(machine, 'data/moonkeeper'), systemFiles, silentLog)
    assert.deepEqual((await history.verify()).problem, null)
    // Then it looks no more, and has no commands of its own.
    await ready(daemon)
    assert.deepEqual(strangers(machine), [])
  } finally {
    daemon.kill('SIGTERM')
    await daemon.end()
  }
}

/** Killed in the middle, and then once more in the recovery from it. */
const killRecovery = async (t: TestContext, machine: Machine, first: number): Promise<number> => {
  let points = 0
  await tryOnce(t, 'to count the recovery', async (folder) => {
    await runKilled(machine, folder, { at: first, checkout: 0 })
    points = await killRecovering(folder, 0, looked)
    await judge(machine, folder)
  })
  const tried = spread(points, sampled.recovery)
  for (const at of tried) {
    await tryOnce(t, `at point ${at} of ${points} of the recovery from ${first}`, async (folder) => {
      await runKilled(machine, folder, { at: first, checkout: 0 })
      await killRecovering(folder, at, ready)
      await judge(machine, folder)
    })
  }
  return tried.length + 1
}

test('all old or all new after a kill: an atomic set of three', async (t) => {
  const machine = await makeMachine(t)
  const counting = path.join(machine.fixture, 'counting')
  mkdirSync(counting)
  const points = await runKilled(machine, counting, { at: 0, checkout: 0 })
  await judge(machine, counting)
  let tried = 0
  for (const at of spread(points, sampled.file)) {
    await tryOnce(t, `at point ${at} of ${points}`, async (folder) => {
      await runKilled(machine, folder, { at, checkout: 0 })
      await judge(machine, folder)
    })
    tried += 1
  }
  for (const nth of spread(filesCheckedOut, sampled.checkout)) {
    await tryOnce(t, `while git wrote file ${nth}`, async (folder) => {
      await runKilled(machine, folder, { at: 0, checkout: nth })
      await judge(machine, folder)
    })
    tried += 1
  }
  // In the third of them, when two are new already; and behind the commit.
  for (const share of [0.7, 0.93]) tried += await killRecovery(t, machine, Math.ceil(points * share))
  t.diagnostic(`${points} points, ${tried} kills tried`)
  assert.ok(tried >= 60, `only ${tried}`)
})
