import assert from 'node:assert/strict'
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { dependencyScene, requirements, type DependencyScene } from '../../support/dependency-scene.js'
import { nothingUnderWay, planOf, refusal } from '../../support/scene.js'
import { installWheel, sitePackagesOf } from '../../support/virtualenv.js'

const old = { [requirements]: 'demo>=1.0\n' }
const same = { [requirements]: 'demo>=1.0\n', 'app.py': 'two\n' }

const soft = { hard: false, updateDependencies: false }
const hard = { hard: true, updateDependencies: false }

/** Somebody took it out of the virtualenv. */
const loseDemo = ({ env }: DependencyScene): void =>
  rmSync(path.join(sitePackagesOf(env), 'demo'), { recursive: true })

for (const kind of [soft, hard]) {
  const name = kind.hard ? 'hard' : 'soft'

  test(`a ${name} recovery installs nothing where nothing differs, and all with update_deps`, async (t) => {
    const at = await dependencyScene(t, old, same)
    loseDemo(at)
    rmSync(path.join(sitePackagesOf(at.env), 'demo-1.0.dist-info'), { recursive: true })
    await at.bench.engine.recover('app', kind)
    assert.deepEqual(at.index.asked, [])
    await at.bench.engine.recover('app', { ...kind, updateDependencies: true })
    assert.equal(at.says('demo'), 'demo 2.0')
    assert.ok(at.messages().at(-1)?.includes('Reinstall Complete'), at.messages().at(-1))
    assert.deepEqual(at.held(), [], 'nothing needs the old virtualenv any more')
    nothingUnderWay(at)
  })

  test(`a ${name} recovery whose packages cannot be had is undone`, async (t) => {
    const at = await dependencyScene(t, old, same)
    writeFileSync(path.join(at.app, 'app.py'), 'mine\n')
    at.index.fault = 'corrupt'
    await refusal(() => at.bench.engine.recover('app', { ...kind, updateDependencies: true }))
    assert.equal(at.head(), at.old)
    assert.equal(at.says('demo'), 'demo 1.0')
    assert.deepEqual(at.held(), [])
    nothingUnderWay(at)
  })
}

test('a plan of a recovery with update_deps tells what would be installed', async (t) => {
  const at = await dependencyScene(t, old, same)
  const { app: all } = await planOf(at, 'recover', { updateDependencies: true })
  assert.deepEqual(
    all.python?.map(({ name, from, to }) => [name, from, to]),
    [['demo', '1.0', '2.0']],
  )
  const { app } = await planOf(at, 'recover')
  assert.deepEqual(app.python, [])
})

test('a recovery of requirements that were removed by hand installs what they ask for', async (t) => {
  const at = await dependencyScene(t, old, same)
  rmSync(path.join(at.app, requirements))
  await at.bench.engine.recover('app', soft)
  assert.equal(at.says('demo'), 'demo 2.0')
})

/** As after an upgrade of the operating system. */
const loseInterpreter = (env: string): void => {
  for (const name of ['python', 'python3', 'python3.11', 'python3.13'])
    rmSync(path.join(env, 'bin', name), { force: true })
  symlinkSync('/usr/bin/python3.0-that-was', path.join(env, 'bin/python'))
}

test('a virtualenv whose interpreter is gone is named, fails an update, and is made anew by a recovery', async (t) => {
  const at = await dependencyScene(t, old, { [requirements]: 'demo>=2.0\n' })
  installWheel(at.env, { name: 'plugin', version: '0.1' })
  at.index.wheels = [
    ...at.index.wheels,
    { name: 'plugin', version: '0.1' },
    { name: 'plugin', version: '0.2' },
  ]
  loseInterpreter(at.env)
  await at.bench.engine.refresh('app')
  const [warning = ''] = at.bench.status('app').warnings
  assert.match(
    warning,
    /The virtualenv .* cannot be used: its interpreter \/usr\/bin\/python3\.0-that-was is gone/,
  )
  assert.equal(at.bench.status('app').is_valid, true)
  const { message } = await refusal(() => at.bench.engine.upgrade('app'))
  assert.match(message, /cannot be used.*Recover/)
  assert.equal(at.head(), at.old)
  await at.bench.engine.recover('app', soft)
  assert.equal(at.says('demo'), 'demo 2.0')
  assert.equal(at.says('plugin'), 'plugin 0.1', 'what else was in it is there again, in its version')
  assert.deepEqual(at.bench.status('app').warnings, [])
  assert.deepEqual(at.held(), [])
  nothingUnderWay(at)
})

test('a virtualenv that cannot be made anew stays as it was', async (t) => {
  const at = await dependencyScene(t, old, same)
  loseInterpreter(at.env)
  at.index.fault = 'broken'
  await refusal(() => at.bench.engine.recover('app', soft))
  assert.equal(at.says('demo'), null)
  renameSync(path.join(at.env, 'bin/python'), path.join(at.env, 'bin/was'))
  symlinkSync('/usr/bin/python3', path.join(at.env, 'bin/python'))
  assert.equal(at.says('demo'), 'demo 1.0')
  assert.deepEqual(at.held(), [])
  nothingUnderWay(at)
})

test('an update that asks for nothing new is not held up by a virtualenv that cannot be used', async (t) => {
  const at = await dependencyScene(t, old, same)
  loseInterpreter(at.env)
  await at.bench.engine.upgrade('app')
  assert.notEqual(at.head(), at.old)
})
