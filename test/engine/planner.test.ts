import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { MoonkeeperError } from '../../src/contract/error.js'
import type { ApplicationPlan } from '../../src/contract/generated/types.js'
import { hashOf, reasonsForHash, refuseWhatWasNotAgreed } from '../../src/engine/planner.js'
import { commit } from '../support/repositories.js'
import { scriptedUpdater, type ScriptedUpdater } from '../support/scripted-updater.js'
import { setScene, type SetScene } from '../support/set-bench.js'

const kindOf = (thrown: unknown): unknown => (thrown instanceof MoonkeeperError ? thrown.kind : thrown)

const kindThrownBy = (work: () => void): unknown => {
  try {
    work()
    return null
  } catch (thrown) {
    return kindOf(thrown)
  }
}

const change = (name: string): { name: string; from: string; to: string } => ({ name, from: '1', to: '2' })

const plan = (overrides: Partial<ApplicationPlan> = {}): ApplicationPlan => ({
  name: 'app',
  type: 'git_repo',
  goal: 'upgrade',
  needed: true,
  from: { version: 'v1', id: 'a' },
  to: { version: 'v2', id: 'b' },
  downgrade: false,
  packages: { install: [change('x'), change('y')], upgrade: [], remove: [] },
  services: ['app', 'klipper'],
  edits: ['one.cfg', 'two.cfg'],
  reversible: true,
  warnings: [],
  ...overrides,
})

describe('the hash', () => {
  test('stands for what would be different, in whatever order it is told', () => {
    const plans = [plan(), plan({ name: 'other' }), plan({ name: 'third', edits: [] })]
    const turned = (one: ApplicationPlan): ApplicationPlan => ({
      ...one,
      services: one.services.toReversed(),
      edits: one.edits.toReversed(),
      packages: { ...one.packages, install: one.packages.install.toReversed() },
    })
    const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 })
    fc.assert(
      fc.property(order, fc.boolean(), (indices, turn) => {
        const shuffled = indices.map((index) => plans[index] ?? plan())
        assert.equal(hashOf(turn ? shuffled.map(turned) : shuffled), hashOf(plans))
      }),
    )
  })

  test('is the same whatever it costs, and however it is told', () => {
    const told = plan({
      warnings: ['careful'],
      download_bytes: 7,
      disk_bytes: 9,
      files: 3,
      commits: [],
      release_notes: 'new',
      from: { version: 'told otherwise', id: 'a' },
    })
    assert.equal(hashOf([told]), hashOf([plan()]))
    assert.equal(hashOf([plan(), plan({ name: 'idle', needed: false })]), hashOf([plan()]))
  })

  test('is another one for everything else', () => {
    const { packages } = plan()
    const others: Partial<ApplicationPlan>[] = [
      { name: 'other' },
      { goal: 'rollback' },
      { from: { version: 'v1', id: 'c' } },
      { to: { version: 'v2', id: 'c' } },
      { services: ['app'] },
      { edits: ['one.cfg'] },
      { needed: false },
      { packages: { ...packages, install: [change('x')] } },
      { packages: { ...packages, upgrade: [change('z')] } },
      { packages: { ...packages, remove: [change('z')] } },
      { packages: { install: [], upgrade: packages.install, remove: [] } },
    ]
    const hashes = new Set([hashOf([plan()]), ...others.map((other) => hashOf([plan(other)]))])
    assert.equal(hashes.size, others.length + 1)
  })
})

describe('what is refused without a hash', () => {
  const { packages } = plan()

  test('removes packages, goes back, or cannot be taken back in a set', () => {
    const removing = plan({ packages: { ...packages, remove: [change('old'), change('older')] } })
    assert.deepEqual(reasonsForHash([removing], false), ['app: packages would be removed: old, older'])
    assert.deepEqual(reasonsForHash([plan({ downgrade: true })], false), ['app: v2 is older than v1'])
    const irreversible = plan({ reversible: false })
    assert.deepEqual(reasonsForHash([irreversible], false), [])
    assert.equal(reasonsForHash([irreversible], true).length, 1)
    for (const plans of [[plan()], [plan({ downgrade: true, needed: false })]])
      assert.deepEqual(reasonsForHash(plans, true), [])
  })

  test('is done with the right one, and with no other', () => {
    const plans = [plan({ downgrade: true })]
    const kind = (shown: string | null): unknown =>
      kindThrownBy(() => refuseWhatWasNotAgreed(plans, shown, false))
    assert.deepEqual([kind(null), kind('0'), kind(hashOf(plans))], ['needs_plan_hash', 'plan_changed', null])
  })
})

const names = ['one', 'two', 'three']
const question = { goal: 'upgrade', version: null, hard: false, check: 'all' } as const

const publish = ({ upstream }: SetScene): void => {
  commit(upstream.seed, 'fifth', { 'app.py': 'print("five")\n' })
  upstream.publish()
}

describe('the hash of several that are no set', () => {
  test('is accepted whole, and each is done', async (t) => {
    const at = await setScene(t, names)
    const { hash } = await at.bench.engine.plan({ ...question, names })
    assert.equal(await at.bench.ask({ names: names.toReversed(), atomic: false, planHash: hash }), null)
    for (const name of names) assert.match(at.version(name), /^v1\.1\.0-1/)
  })

  test('that is another one by now is refused before the first is changed, with a last line', async (t) => {
    const at = await setScene(t, names)
    const { hash } = await at.bench.engine.plan({ ...question, names })
    publish(at)
    assert.equal(kindOf(await at.bench.ask({ atomic: false, planHash: hash })), 'plan_changed')
    assert.deepEqual(names.map(at.version), ['v1.0.0', 'v1.0.0', 'v1.0.0'])
    const last = at.bench.lines.at(-1)
    assert.match(last?.message ?? '', /^Error updating: .*not what was shown/)
    assert.equal(last?.complete, true)
    assert.deepEqual(
      at.bench.job().applications.map(({ outcome }) => outcome),
      [null, null, null],
    )
    assert.deepEqual(await at.outcomes(), [])
  })

  test('is asked again for each: what changed after the first was done is not done', async (t) => {
    const at = await setScene(t, names)
    const { hash } = await at.bench.engine.plan({ ...question, names })
    at.world.onLine = ({ message }) => {
      if (message === 'Git Repo one: Update Finished...') publish(at)
    }
    const thrown = await at.bench.ask({ atomic: false, planHash: hash })
    assert.equal(kindOf(thrown), 'plan_changed')
    assert.match(
      String(thrown),
      /two: what would be done is not what was shown any more\. Nothing of it was changed/,
    )
    assert.match(at.version('one'), /^v1\.1\.0-1/)
    assert.deepEqual(names.slice(1).map(at.version), ['v1.0.0', 'v1.0.0'])
    assert.deepEqual(
      at.bench.job().applications.map(({ name, outcome }) => [name, outcome]),
      [
        ['one', 'done'],
        ['two', 'failed'],
        ['three', null],
      ],
    )
  })

  test('does nothing when there is nothing to do any more, and says so', async (t) => {
    const at = await setScene(t, names)
    const { hash } = await at.bench.engine.plan({ ...question, names })
    const one = await at.bench.engine.plan({ ...question, names: ['one'] })
    assert.equal(await at.bench.ask(), null)
    for (const atomic of [true, false])
      assert.equal(kindOf(await at.bench.ask({ atomic, planHash: hash })), 'plan_changed')
    assert.equal(
      kindOf(await at.bench.ask({ names: ['one'], atomic: false, planHash: one.hash })),
      'plan_changed',
    )
  })
})

const scripted = async (t: TestContext): Promise<SetScene & { updater: ScriptedUpdater }> => {
  const updater = scriptedUpdater('packages', '/')
  updater.steps = [{ name: 'install', run: async () => undefined }]
  const at = await setScene(t, ['one'], (world) => void world.others.push(updater))
  return { ...at, updater }
}

test('what was shown of packages is what is done, or nothing', async (t) => {
  const { bench, updater } = await scripted(t)
  const ask = { names: ['packages'], atomic: false }
  const { packages } = plan()
  updater.plans = { packages: { ...packages, remove: [change('old')] } }
  assert.equal(kindOf(await bench.ask(ask)), 'needs_plan_hash')
  const shown = await bench.engine.plan({ ...question, names: ['packages'] })
  assert.deepEqual(shown.needs_plan_hash, ['packages: packages would be removed: old'])
  updater.plans = { packages: { ...packages, remove: [change('old'), change('klipper')] } }
  assert.equal(kindOf(await bench.ask({ ...ask, planHash: shown.hash })), 'plan_changed')
  updater.plans = { packages: { ...packages, remove: [change('old')] }, download_bytes: 12 }
  assert.equal(await bench.ask({ ...ask, planHash: shown.hash }), null)
})

test('a plan of all leaves out what cannot be done to all, and what is asked by name is refused', async (t) => {
  const fixed = scriptedUpdater('fixed', '/', ['upgrade'])
  const at = await setScene(t, ['one'], (world) => void world.others.push(fixed))
  const back = { ...question, goal: 'rollback' } as const
  assert.equal(await at.bench.ask({ names: ['one'], atomic: false }), null)
  const { applications } = await at.bench.engine.plan({ ...back, names: null })
  assert.deepEqual(
    applications.map(({ name }) => name),
    ['one'],
  )
  await assert.rejects(at.bench.engine.plan({ ...back, names: ['fixed'] }), { kind: 'not_supported' })
})
