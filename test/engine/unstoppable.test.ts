import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import { hastyClock, type TestClock } from '../support/clock.js'
import { latch } from '../support/engine.js'
import { scriptedUpdater } from '../support/scripted-updater.js'
import { setScene, type SetBench } from '../support/set-bench.js'

const kindOf = (thrown: unknown): unknown => (thrown instanceof MoonkeeperError ? thrown.kind : thrown)

interface Transaction {
  readonly bench: SetBench
  readonly clock: TestClock
  readonly version: (name: string) => string
  /** Resolves when the transaction is under way. */
  readonly begun: Promise<void>
  readonly finish: () => void
  /** What the transaction's own signal, and whether it was undone. */
  readonly seen: { aborted: boolean; undone: boolean }
  /** What became of it. */
  readonly asked: Promise<unknown>
}

/** A package transaction that goes on until the test lets it end, beside a checkout. */
const transaction = async (t: TestContext): Promise<Transaction> => {
  const [begun, end] = [latch(), latch()]
  const seen = { aborted: false, undone: false }
  const clock = hastyClock()
  const { bench, version } = await setScene(t, ['one'], (world) => {
    Object.assign(world, { clock, lockTimeout: 1_000 })
    const packages = scriptedUpdater('packages', '/')
    packages.steps = [
      {
        name: 'install',
        unstoppable: true,
        async run({ signal }) {
          begun.open()
          await end.opened
          seen.aborted = signal.aborted
        },
        undo: async () => void (seen.undone = true),
      },
      { name: 'tidy', run: async () => {} },
    ]
    world.others.push(packages)
  })
  const asked = bench.ask({ names: ['packages'], atomic: false })
  await begun.opened
  return { bench, clock, version, begun: begun.opened, finish: end.open, seen, asked }
}

test('a package transaction is not ended by a cancel', async (t) => {
  const at = await transaction(t)
  assert.equal(await at.bench.engine.cancelJob(at.bench.job().id).catch(kindOf), 'job_ended')
  at.finish()
  assert.equal(await at.asked, null)
  assert.deepEqual(at.seen, { aborted: false, undone: false })
  assert.equal(at.bench.job().state, 'done')
})

test('a stop waits for a package transaction, and what follows it is done', async (t) => {
  const at = await transaction(t)
  const stopped = at.bench.engine.stop()
  at.finish()
  await stopped
  assert.equal(await at.asked, null)
  assert.deepEqual(at.seen, { aborted: false, undone: false })
  assert.equal(at.bench.job().state, 'done')
})

test('a silent package transaction is left alone, and who comes then is told', async (t) => {
  const at = await transaction(t)
  const waits = at.bench.ask({ names: ['one'], atomic: false })
  at.clock.time += 1_000
  const told = await at.bench.ask({ names: ['one'], atomic: false })
  assert.equal(kindOf(told), 'already_running')
  assert.match(String(told), /package transaction of packages is under way/)
  at.finish()
  assert.deepEqual([await at.asked, await waits], [null, null])
  assert.equal(at.seen.undone, false)
  // Nothing is in the way any more.
  assert.equal(await at.bench.ask({ names: ['one'], atomic: false }), null)
  assert.match(at.version('one'), /^v1\.1\.0-1/)
})
