import assert from 'node:assert/strict'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { Journal, type JournalEntry } from '../../src/engine/journal.js'
import { run } from '../../src/engine/runner.js'
import { undo, UndoFailed } from '../../src/engine/undo.js'
import type { Part } from '../../src/engine/transaction.js'
import { systemFiles } from '../../src/system/files.js'
import type { Step } from '../../src/updaters/contract.js'
import { temporaryFolder } from '../support/folder.js'
import { entryFor, noRestarts, partOf, runOptions } from '../support/part.js'
import { silentLog } from '../support/surroundings.js'

const clock = { now: () => 0, wait: async () => {}, hour: () => 0 }

interface Recorder {
  readonly events: string[]
  readonly step: (name: string, faults?: { run?: Error; undo?: () => Error | undefined }) => Step
}

const recorder = (): Recorder => {
  const events: string[] = []
  return {
    events,
    step: (name, faults = {}) => ({
      name,
      async run() {
        events.push(`run ${name}`)
        if (faults.run) throw faults.run
      },
      async undo() {
        events.push(`undo ${name}`)
        const fault = faults.undo?.()
        if (fault) throw fault
      },
    }),
  }
}

const surroundings = async (t: TestContext) => {
  const folder = await temporaryFolder(t)
  return { journal: new Journal(folder, systemFiles), log: silentLog, clock, folder, restarts: noRestarts }
}

const planOf = (steps: readonly Step[], cleanup: readonly Step[] = []): readonly Part[] => [
  partOf(steps, cleanup),
]

test('the journal names a step before it runs, and is gone at the end', async (t) => {
  const outside = await surroundings(t)
  const seen: unknown[] = []
  const look = (name: string): Step => ({
    name,
    run: async () => {
      const entry = await outside.journal.read()
      seen.push(entry === null || entry === 'unreadable' ? entry : entry.steps[entry.at])
    },
  })
  const plan = planOf([look('one'), look('two')])
  await run(plan, entryFor(plan), outside, runOptions)
  assert.deepEqual(seen, ['app: one', 'app: two'])
  assert.equal(await outside.journal.read(), null)
})

test('what no undo needs to know of is not written down, and what does nothing costs nothing', async (t) => {
  const outside = await surroundings(t)
  const seen: unknown[] = []
  const look = async (): Promise<void> => {
    const entry = await outside.journal.read()
    seen.push(entry === null || entry === 'unreadable' ? entry : entry.steps[entry.at])
  }
  const guard: Step = { name: 'guard', undo: async () => {} }
  const plan = planOf([
    guard,
    { name: 'first', traceless: true, run: look },
    { name: 'one', run: look },
    { name: 'quiet', traceless: true, run: look },
    { name: 'two', run: look },
    guard,
  ])
  await run(plan, entryFor(plan), outside, runOptions)
  assert.deepEqual(seen, [null, 'app: one', 'app: one', 'app: two'])
})

test('a step that left no trace is undone from, like any other', async (t) => {
  const outside = await surroundings(t)
  const { events, step } = recorder()
  const quiet: Step = { name: 'quiet', traceless: true, run: () => Promise.reject(new Error('no')) }
  const guard: Step = { name: 'guard', undo: async () => void events.push('undo guard') }
  const plan = planOf([guard, step('one'), quiet, step('two')])
  await assert.rejects(run(plan, entryFor(plan), outside, runOptions), /^Error: no$/)
  assert.deepEqual(events, ['run one', 'undo one', 'undo guard'])
  assert.equal(await outside.journal.read(), null)
})

test('a failing step is undone backwards, itself first, and its error is the answer', async (t) => {
  const outside = await surroundings(t)
  const { events, step } = recorder()
  const plan = planOf([step('one'), step('two', { run: new Error('no') }), step('three')])
  await assert.rejects(run(plan, entryFor(plan), outside, runOptions), /^Error: no$/)
  assert.deepEqual(events, ['run one', 'run two', 'undo two', 'undo one'])
  assert.equal(await outside.journal.read(), null)
})

test('nothing is undone after the commit line, also when the cleanup fails', async (t) => {
  const outside = await surroundings(t)
  const { events, step } = recorder()
  const phases: unknown[] = []
  const left: string[] = []
  const save = async (): Promise<void> => {
    const entry = await outside.journal.read()
    phases.push(entry === null || entry === 'unreadable' ? entry : entry.phase)
  }
  const plan = planOf([step('one')], [step('drop', { run: new Error('disk') })])
  const leave = async (_entry: JournalEntry, why: unknown): Promise<void> => void left.push(String(why))
  await run(plan, entryFor(plan), outside, { ...runOptions, committed: { save, leave } })
  assert.deepEqual(events, ['run one', 'run drop'])
  assert.deepEqual(phases, ['committed'])
  assert.deepEqual(left, ['Error: disk'])
})

test('an undo that fails for a moment is tried again', async (t) => {
  const outside = await surroundings(t)
  let faults = 2
  const { events, step } = recorder()
  const plan = planOf([step('one', { undo: () => (faults-- > 0 ? new Error('busy') : undefined) })])
  await undo(plan, entryFor(plan), outside, () => {})
  assert.equal(events.length, 3)
})

test('an undo that keeps failing ends, and its attempts are counted over starts', async (t) => {
  const outside = await surroundings(t)
  const { events, step } = recorder()
  const plan = planOf([step('one', { undo: () => new Error('broken') })])
  await assert.rejects(
    undo(plan, { ...entryFor(plan), attempts: 3 }, outside, () => {}),
    UndoFailed,
  )
  assert.equal(events.length, 2)
})

test('a stop undoes what was begun', async (t) => {
  const outside = await surroundings(t)
  const { events, step } = recorder()
  const controller = new AbortController()
  const stopping: Step = { ...step('two'), run: async () => controller.abort() }
  const plan = planOf([step('one'), stopping, step('three')])
  await assert.rejects(
    run(plan, entryFor(plan), outside, { ...runOptions, signal: controller.signal }),
    /stopped and undone/,
  )
  assert.deepEqual(events, ['run one', 'undo two', 'undo one'])
})

test('whatever fails where, every step that began is undone once, backwards', async (t) => {
  const outside = await surroundings(t)
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 0, max: 5 }),
      async (count, failing) => {
        const { events, step } = recorder()
        const steps = Array.from({ length: count }, (_, index) =>
          step(String(index), index === failing ? { run: new Error('x') } : {}),
        )
        const plan = planOf(steps)
        await run(plan, entryFor(plan), outside, runOptions).catch(() => undefined)
        const undone = events
          .filter((event) => event.startsWith('undo'))
          .map((event) => Number(event.slice(5)))
        const expected =
          failing < count ? Array.from({ length: failing + 1 }, (_, index) => failing - index) : []
        assert.deepEqual(undone, expected)
        assert.equal(await systemFiles.stat(path.join(outside.folder, 'journal.json')), null)
      },
    ),
    { numRuns: 40 },
  )
})
