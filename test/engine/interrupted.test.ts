import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import type { Change } from '../../src/engine/change.js'
import { setScene, type SetBench, type SetScene } from '../support/set-bench.js'

const names = ['one', 'two', 'three']

/** The power goes at a line: another life finds the disk as it was then. */
const cutAt = async (
  t: TestContext,
  line: string,
  change: Partial<Change>,
  prepare: (at: SetScene) => void = () => undefined,
): Promise<{ at: SetScene; next: SetBench }> => {
  const at = await setScene(t, names)
  prepare(at)
  const { dataFolder } = at.bench
  const copy = `${dataFolder}.then`
  at.world.onLine = ({ message }) => {
    if (message === line) cpSync(dataFolder, copy, { recursive: true })
  }
  await at.bench.ask(change)
  await at.bench.engine.stop()
  rmSync(dataFolder, { recursive: true })
  cpSync(copy, dataFolder, { recursive: true })
  const next = await at.restart()
  assert.equal(await next.recover(), null)
  return { at, next }
}

const told = async (
  next: SetBench,
): Promise<{ state: string; code: string | null; parts: unknown[]; history: unknown[] }> => {
  const { state, error, applications } = next.job()
  const { entries } = await next.history.list({ name: null, limit: 100, offset: 0 })
  return {
    state,
    code: error?.code ?? null,
    parts: applications.map(({ name, outcome }) => [name, outcome]),
    history: entries.map(({ application, outcome, code }) => [application, outcome, code]).reverse(),
  }
}

test('what was done before the power went is told as done', async (t) => {
  const { at, next } = await cutAt(t, 'Git Repo one: Update Finished...', {})
  const parts = names.map((name) => [name, 'done'])
  assert.deepEqual(await told(next), {
    state: 'done',
    code: null,
    parts,
    history: names.map((name) => [name, 'done', null]),
  })
  assert.match(at.version('three'), /^v1\.1\.0-1/)
})

test('what was undone before the power went is told with why', async (t) => {
  const fail = (): Promise<void> => Promise.reject(new MoonkeeperError('command_failed', 'broken on purpose'))
  const { next } = await cutAt(t, 'Error updating one, two, three: broken on purpose', {}, (at) => {
    at.world.faults.set('three', { run: fail })
  })
  assert.deepEqual(await told(next), {
    state: 'failed',
    code: 'command_failed',
    parts: names.map((name) => [name, 'failed']),
    history: names.map((name) => [name, 'failed', 'command_failed']),
  })
})

test('of several that are no set, those that were done are in the history, and the others did not begin', async (t) => {
  const { next } = await cutAt(t, 'Git Repo two: Update Finished...', { atomic: false })
  assert.deepEqual(await told(next), {
    state: 'failed',
    code: 'interrupted',
    parts: [
      ['one', 'done'],
      ['two', 'done'],
      ['three', null],
    ],
    history: [
      ['one', 'done', null],
      ['two', 'done', null],
    ],
  })
})
