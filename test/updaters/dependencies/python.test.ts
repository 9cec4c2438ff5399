import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { demo, dependencyScene, requirements, type DependencyScene } from '../../support/dependency-scene.js'
import { goTo, nothingUnderWay, planOf, refusal, tip } from '../../support/scene.js'
import { snapshot } from '../../support/snapshot.js'

const old = { [requirements]: 'demo>=1.0\n' }
const now = { [requirements]: 'demo>=2.0\n' }

/** Code and environment are as they were, and nothing is left of the attempt. */
const assertUndone = (at: DependencyScene): void => {
  assert.equal(at.head(), at.old)
  assert.equal(at.says('demo'), 'demo 1.0')
  assert.deepEqual(at.held(), [])
  assert.equal(existsSync(`${at.env}.broken`), false)
  nothingUnderWay(at)
}

test('changed requirements are installed with the new version, and the old virtualenv is kept', async (t) => {
  const at = await dependencyScene(t, old, now)
  await at.bench.engine.upgrade('app')
  assert.equal(at.head(), tip(at))
  assert.equal(at.says('demo'), 'demo 2.0')
  assert.equal(at.held().length, 1)
  const said = at.messages()
  const order = [
    'Fast-forward',
    'Git Repo app: Updating python packages...',
    'Git Repo app: Update Finished...',
  ]
  const places = order.map((text) => said.indexOf(text))
  assert.ok(
    places.every((place, i) => place > (places[i - 1] ?? -1)),
    said.join('\n'),
  )
  assert.ok(said.includes('Successfully installed demo-2.0'), said.join('\n'))
  nothingUnderWay(at)
})

test('requirements that ask for the same need no pip', async (t) => {
  const at = await dependencyScene(t, old, {
    [requirements]: '# pinned below\nDemo >= 1.0\n',
    'app.py': '2\n',
  })
  await at.bench.engine.upgrade('app')
  assert.equal(at.head(), tip(at))
  assert.equal(at.says('demo'), 'demo 1.0')
  assert.deepEqual(at.index.asked, [])
  assert.deepEqual(at.held(), [])
})

const faults: readonly (readonly [string, (at: DependencyScene) => void, RegExp])[] = [
  [
    'an index that answers with errors',
    (at) => (at.index.fault = 'broken'),
    /Installing Python packages failed/,
  ],
  ['a file that is not what its digest says', (at) => (at.index.fault = 'corrupt'), /DO NOT MATCH|hash/i],
  ['versions that do not exist', (at) => (at.index.wheels = [demo('1.0')]), /No matching distribution/],
  [
    'requirements that contradict each other',
    (at) =>
      (at.index.wheels = [
        demo('2.0', { requires: ['other'] }),
        { name: 'other', version: '1.0', requires: ['demo<2'] },
      ]),
    /conflict|ResolutionImpossible|Cannot install/i,
  ],
]

for (const [what, breakIt, reason] of faults) {
  test(`${what}: the update fails, and code and virtualenv go back together`, async (t) => {
    const at = await dependencyScene(t, old, now)
    const before = snapshot(at.env)
    breakIt(at)
    const { message } = await refusal(() => at.bench.engine.upgrade('app'))
    assert.match(message, reason)
    assertUndone(at)
    assert.deepEqual(snapshot(at.env), before)
    assert.ok(at.messages().at(-1)?.startsWith('Error updating app: '), at.messages().at(-1))
  })
}

test('an index that cannot be reached: the update fails and is undone', async (t) => {
  const unreachable = { PIP_INDEX_URL: 'http://127.0.0.1:1/simple', PIP_RETRIES: '0' }
  const at = await dependencyScene(t, old, now, { options: { pip_environment_variables: unreachable } })
  await refusal(() => at.bench.engine.upgrade('app'))
  assertUndone(at)
})

test('what the requirements include counts, but nothing outside of the application', async (t) => {
  const include = { [requirements]: '-r base.txt\n' }
  const at = await dependencyScene(
    t,
    { ...include, 'scripts/base.txt': 'demo>=1.0\n' },
    { ...include, 'scripts/base.txt': 'demo>=2.0\n' },
  )
  await at.bench.engine.upgrade('app')
  assert.equal(at.says('demo'), 'demo 2.0')
  await at.publish({ [requirements]: '-r base.txt\n-r ../../outside.txt\n' })
  const { message } = await refusal(() => at.bench.engine.upgrade('app'))
  assert.match(message, /includes \.\.\/\.\.\/outside\.txt, which is not in the application's folder/)
  assert.equal(at.says('demo'), 'demo 2.0')
})

test('a plan tells the exact versions, and changes nothing', async (t) => {
  const at = await dependencyScene(t, old, now)
  at.index.wheels = [demo('1.0'), demo('2.1', { requires: ['helper'] }), { name: 'helper', version: '0.3' }]
  const before = snapshot(at.env)
  const { app } = await planOf(at, 'upgrade')
  assert.deepEqual(
    app.python?.map(({ name, from, to }) => [name, from, to]),
    [
      ['demo', '1.0', '2.1'],
      ['helper', null, '0.3'],
    ],
  )
  assert.ok((app.disk_bytes ?? 0) > 10_000, 'the copy of the virtualenv needs room')
  assert.deepEqual(app.warnings, ['How much is downloaded for what it depends on is not known before.'])
  assert.deepEqual(snapshot(at.env), before)
  assert.deepEqual(at.held(), [])
  assert.equal(existsSync(`${at.bench.dataFolder}/plans`), false)
})

test('where pip cannot tell, a plan says so, and what the files say', async (t) => {
  const at = await dependencyScene(t, old, now)
  at.index.fault = 'broken'
  const { app } = await planOf(at, 'upgrade')
  assert.deepEqual(
    app.python?.map(({ name, from, to }) => [name, from, to]),
    [['demo', '>=1.0', '>=2.0']],
  )
  assert.match(app.warnings.join(), /Exact versions are known only when they are installed/)
})

test('a rollback brings the virtualenv back with the index switched off, and forwards again', async (t) => {
  const at = await dependencyScene(t, old, now)
  await at.bench.engine.upgrade('app')
  at.index.fault = 'broken'
  const { app: shown } = await planOf(at, 'rollback')
  assert.deepEqual(
    shown.python?.map(({ name, from, to }) => [name, from, to]),
    [['demo', '2.0', '1.0']],
  )
  await at.bench.engine.rollback('app')
  assert.equal(at.head(), at.old)
  assert.equal(at.says('demo'), 'demo 1.0')
  assert.equal(at.held().length, 1)
  await goTo(at, 'rollback', tip(at))
  assert.equal(at.head(), tip(at))
  assert.equal(at.says('demo'), 'demo 2.0')
  assert.equal(at.held().length, 1)
  nothingUnderWay(at)
})

test('each kept version has the virtualenv that it had, also where several had the same', async (t) => {
  const at = await dependencyScene(t, old, { 'app.py': 'two\n' })
  await at.bench.engine.upgrade('app')
  const second = at.head()
  assert.deepEqual(at.held(), [], 'nothing was changed, so nothing is kept')
  await at.publish(now)
  await at.bench.engine.upgrade('app')
  at.index.fault = 'broken'
  await goTo(at, 'rollback', second)
  assert.equal(at.says('demo'), 'demo 1.0')
  await goTo(at, 'rollback', at.old)
  assert.equal(at.says('demo'), 'demo 1.0')
  await goTo(at, 'rollback', tip(at))
  assert.equal(at.says('demo'), 'demo 2.0')
  assert.equal(at.held().length, 1)
})

test('virtualenvs go with the versions that had them', async (t) => {
  const at = await dependencyScene(t, old, now, { outside: { generations: 1 } })
  await at.bench.engine.upgrade('app')
  const [first] = at.held()
  at.index.wheels = [demo('3.0')]
  await at.publish({ [requirements]: 'demo>=3.0\n' })
  await at.bench.engine.upgrade('app')
  assert.equal(at.says('demo'), 'demo 3.0')
  assert.equal(at.held().length, 1)
  assert.notEqual(at.held()[0], first)
})

test('without kept versions, a rollback installs what the old version asks for', async (t) => {
  const at = await dependencyScene(t, { [requirements]: 'demo==1.0\n' }, now, { outside: { generations: 0 } })
  await at.bench.engine.upgrade('app')
  assert.equal(at.says('demo'), 'demo 2.0')
  assert.deepEqual(at.held(), [])
  await at.bench.engine.rollback('app')
  assert.equal(at.head(), at.old)
  assert.equal(at.says('demo'), 'demo 1.0')
  assert.deepEqual(at.held(), [])
})

test('when room is needed, the oldest virtualenv goes first', async (t) => {
  const at = await dependencyScene(t, old, now)
  await at.bench.engine.upgrade('app')
  at.index.wheels = [demo('3.0')]
  await at.publish({ [requirements]: 'demo>=3.0\n' })
  await at.bench.engine.upgrade('app')
  const [first = '', second = ''] = at.held()
  const { updater } = at.bench.application('app')
  assert.equal(await updater.dropOldest(), true)
  assert.deepEqual(at.held(), [second > first ? second : first])
  assert.equal(await updater.dropOldest(), true)
  assert.deepEqual(at.held(), [])
  assert.equal(await updater.dropOldest(), false)
})
