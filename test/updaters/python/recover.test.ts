import assert from 'node:assert/strict'
import { symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { planOf, refusal } from '../../support/scene.js'
import {
  appOf,
  goTo,
  heldIn,
  nothingLeft,
  pythonScene,
  type PythonScene,
} from '../../support/python-scene.js'
import { installWheel, runScript, treeOf } from '../../support/virtualenv.js'
import type { TestWheel } from '../../support/wheels.js'

const library: TestWheel = { name: 'toylib', version: '1.4' }

/** The operating system was upgraded: the interpreter that the virtualenv was made of is gone. */
const upgradeSystem = async (scene: PythonScene): Promise<void> => {
  const python = path.join(scene.virtualenv, 'bin/python3')
  unlinkSync(python)
  symlinkSync('/usr/bin/python3.1', python)
  await scene.bench.engine.refresh('app')
}

const brokenScene = async (t: TestContext, wheels: readonly TestWheel[]): Promise<PythonScene> => {
  const scene = await pythonScene(t, {
    wheels,
    install: (at) => (installWheel(at, appOf('1.0.0', { requires: ['toylib'] })), installWheel(at, library)),
  })
  writeFileSync(path.join(scene.virtualenv, 'pip.conf'), '[global]\ntimeout = 7\n')
  await upgradeSystem(scene)
  return scene
}

test('a virtualenv whose interpreter is gone is named, and made anew with all that was in it', async (t) => {
  const scene = await brokenScene(t, [appOf('1.0.0', { requires: ['toylib'] }), appOf('1.1.0'), library])
  const { is_valid, version, warnings } = scene.status()
  assert.deepEqual([is_valid, version], [false, '1.0.0'])
  assert.match(warnings[0] ?? '', /interpreter \/usr\/bin\/python3\.1 is gone.*Recover the application/)
  assert.equal(scene.runs(), null)
  assert.equal((await refusal(() => goTo(scene, 'upgrade'))).kind, 'not_valid')
  const { app } = await planOf(scene, 'recover')
  assert.match(app.warnings[0] ?? '', /is made anew, and gets again: toyapp==1\.0\.0, toylib==1\.4$/)
  await goTo(scene, 'recover')
  assert.equal(scene.runs(), 'toyapp 1.0.0')
  assert.equal(runScript(scene.virtualenv, 'toylib'), 'toylib 1.4')
  assert.deepEqual([scene.status().is_valid, scene.status().warnings], [true, []])
  assert.equal(scene.messages().at(-1), 'Python Package app: Recovery Complete')
  assert.deepEqual(heldIn(scene), [])
  nothingLeft(scene)
})

test('what cannot be had for the new interpreter is left out, but the package keeps its version', async (t) => {
  const scene = await brokenScene(t, [
    appOf('1.0.0', { requires: ['toylib'] }),
    appOf('1.1.0'),
    { name: 'toylib', version: '2.0' },
  ])
  await goTo(scene, 'recover')
  assert.equal(scene.runs(), 'toyapp 1.0.0')
  assert.equal(runScript(scene.virtualenv, 'toylib'), 'toylib 2.0')
  assert.ok(scene.messages().some((line) => line.includes('Trying again with toyapp==1.0.0')))
})

test('a recovery that fails leaves the virtualenv as it was', async (t) => {
  const scene = await brokenScene(t, [])
  const before = treeOf(scene.virtualenv)
  const { message } = await refusal(() => goTo(scene, 'recover'))
  assert.match(message, /toyapp==1\.0\.0/)
  assert.deepEqual(treeOf(scene.virtualenv), before)
  assert.match(scene.status().warnings[0] ?? '', /is gone/)
  nothingLeft(scene)
})

test('what works is not recovered', async (t) => {
  const scene = await pythonScene(t)
  const { kind, message } = await refusal(() => goTo(scene, 'recover'))
  assert.deepEqual([kind, message], ['not_supported', 'Updater app is not a Git Repo Type'])
  assert.deepEqual(scene.messages(), [])
})

test('a kept version whose interpreter is gone comes from the index instead', async (t) => {
  const scene = await pythonScene(t)
  await goTo(scene, 'upgrade')
  const [kept = ''] = heldIn(scene)
  const python = path.join(scene.hold, kept, 'bin/python3')
  unlinkSync(python)
  symlinkSync('/usr/bin/python3.1', python)
  await goTo(scene, 'rollback')
  assert.equal(scene.runs(), 'toyapp 1.0.0')
})
