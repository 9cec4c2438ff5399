import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainChange } from '../../../src/engine/change.js'
import { planOf, refusal } from '../../support/scene.js'
import { appOf, goTo, heldIn, nothingLeft, pythonScene, stagedIn } from '../../support/python-scene.js'
import { installWheel, treeOf } from '../../support/virtualenv.js'

const page = { limit: 20, offset: 0 }

test('what an index has and what is kept is listed, newest first', async (t) => {
  const scene = await pythonScene(t)
  await goTo(scene, 'upgrade')
  const listed = await scene.bench.engine.versions('app', page)
  assert.deepEqual(
    listed.versions.map(({ version, current, kept }) => [version, current, kept]),
    [
      ['1.1.0', true, false],
      ['1.0.0', false, true],
    ],
  )
  scene.index.fault = 'broken'
  const offline = await scene.bench.engine.versions('app', page)
  assert.deepEqual(
    offline.versions.map(({ version, kept }) => [version, kept]),
    [['1.0.0', true]],
  )
})

test('pre-releases are for the beta channel', async (t) => {
  const scene = await pythonScene(t, { options: { channel: 'beta' } })
  assert.equal(scene.status().remote_version, '2.0.0b1')
  await goTo(scene, 'upgrade')
  assert.equal(scene.runs(), 'toyapp 2.0.0b1')
})

test('a pin is where an upgrade ends', async (t) => {
  const wheels = [appOf('1.0.0'), appOf('1.1.0'), appOf('1.2.0')]
  const scene = await pythonScene(t, { wheels })
  assert.equal((await refusal(() => scene.bench.engine.pin('app', '9.9'))).kind, 'unknown_version')
  assert.equal((await refusal(() => scene.bench.engine.pin('app', '--pre'))).kind, 'unknown_version')
  await scene.bench.engine.pin('app', '1.1.0')
  assert.deepEqual([scene.status().remote_version, scene.status().pinned_version], ['1.1.0', '1.1.0'])
  await goTo(scene, 'upgrade')
  assert.equal(scene.runs(), 'toyapp 1.1.0')
  await goTo(scene, 'upgrade')
  assert.equal(scene.runs(), 'toyapp 1.1.0')
  await scene.bench.engine.pin('app', null)
  await scene.bench.engine.refresh('app')
  assert.equal(scene.status().remote_version, '1.2.0')
})

test('an older version is shown as such, and comes when that was agreed to', async (t) => {
  const scene = await pythonScene(t, {
    wheels: [appOf('0.9.0'), appOf('1.0.0')],
  })
  const { plan, app } = await planOf(scene, 'upgrade', { version: '0.9.0' })
  assert.deepEqual(
    [app.downgrade, app.to.version, app.python],
    [true, '0.9.0', [{ name: 'toyapp', from: '1.0.0', to: '0.9.0', origin: app.python?.[0]?.origin }]],
  )
  assert.equal((await refusal(() => goTo(scene, 'upgrade', { version: '0.9.0' }))).kind, 'needs_plan_hash')
  await goTo(scene, 'upgrade', { version: '0.9.0', planHash: plan.hash })
  assert.equal(scene.runs(), 'toyapp 0.9.0')
})

test('a plan shows every package with its version, and changes nothing', async (t) => {
  const scene = await pythonScene(t, {
    install: (at) => (installWheel(at, appOf('1.0.0')), installWheel(at, { name: 'toylib', version: '1.4' })),
  })
  const before = treeOf(scene.virtualenv)
  const { app } = await planOf(scene, 'upgrade')
  assert.deepEqual(
    app.python?.map(({ name, from, to }) => [name, from, to]),
    [
      ['toyapp', '1.0.0', '1.1.0'],
      ['toylib', '1.4', '1.5'],
    ],
  )
  assert.ok((app.disk_bytes ?? 0) > 10_000)
  assert.deepEqual([app.needed, app.reversible], [true, true])
  assert.deepEqual(app.warnings, ['How much is downloaded, and what is new in it, is not known before.'])
  assert.deepEqual(treeOf(scene.virtualenv), before)
  assert.deepEqual(stagedIn(scene.bench.dataFolder), [])
})

test('a plan of a rollback is exact without an index', async (t) => {
  const scene = await pythonScene(t)
  await goTo(scene, 'upgrade')
  scene.index.fault = 'broken'
  const { app } = await planOf(scene, 'rollback')
  assert.deepEqual(
    app.python?.map(({ name, from, to }) => [name, from, to]),
    [
      ['toyapp', '1.1.0', '1.0.0'],
      ['toylib', '1.5', null],
    ],
  )
})

test('a plan that would fail says why', async (t) => {
  const scene = await pythonScene(t, { wheels: [appOf('1.0.0'), appOf('1.1.0', { requires: ['nowhere'] })] })
  const { app } = await planOf(scene, 'upgrade')
  assert.match(app.warnings[0] ?? '', /^It would fail as things are\. .*nowhere/)
})

test('what was prepared is installed later, without the index', async (t) => {
  const scene = await pythonScene(t)
  const job = await scene.bench.engine.change({
    ...plainChange('upgrade', ['app'], 'test'),
    until: 'prepared',
  })
  assert.ok(job)
  assert.equal(scene.runs(), 'toyapp 1.0.0')
  assert.deepEqual(stagedIn(scene.bench.dataFolder), ['staged', 'staged.json'])
  scene.index.fault = 'broken'
  const asked = scene.index.asked.length
  await scene.bench.engine.startJob(job.id)
  await scene.bench.untilTold(({ id, state }) => id === job.id && state === 'done')
  assert.equal(scene.runs(), 'toyapp 1.1.0')
  assert.equal(scene.index.asked.length, asked)
  nothingLeft(scene)
})

test('only so many versions are kept, and the oldest makes room', async (t) => {
  const wheels = ['1.0.0', '1.1.0', '1.2.0'].map((version) => appOf(version))
  const scene = await pythonScene(t, { wheels, overrides: { generations: 1 } })
  await goTo(scene, 'upgrade', { version: '1.1.0' })
  const [first] = heldIn(scene)
  await goTo(scene, 'upgrade')
  const [second, ...others] = heldIn(scene)
  assert.deepEqual([others, first === second], [[], false])
  await goTo(scene, 'rollback')
  assert.equal(scene.runs(), 'toyapp 1.1.0')
  const { updater } = scene.bench.application('app')
  assert.equal(await updater.dropOldest(), true)
  assert.deepEqual([heldIn(scene), await updater.dropOldest()], [[], false])
})

test('a version that is not kept any more comes from the index again', async (t) => {
  const scene = await pythonScene(t, { overrides: { generations: 0 } })
  await goTo(scene, 'upgrade')
  assert.deepEqual(heldIn(scene), [])
  await goTo(scene, 'rollback')
  assert.equal(scene.runs(), 'toyapp 1.0.0')
})
