import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { goTo, heldIn, nothingLeft, pythonScene } from '../../support/python-scene.js'
import { runScript, treeOf } from '../../support/virtualenv.js'

test('a package is upgraded with what it needs, and the old virtualenv is kept', async (t) => {
  const scene = await pythonScene(t)
  const before = treeOf(scene.virtualenv)
  assert.deepEqual(
    [scene.status().version, scene.status().remote_version, scene.status().remote_hash],
    ['1.0.0', '1.1.0', 'update-available'],
  )
  await goTo(scene, 'upgrade')
  assert.equal(scene.runs(), 'toyapp 1.1.0')
  assert.equal(runScript(scene.virtualenv, 'toylib'), 'toylib 1.5')
  const { version, remote_version, rollback_version, current_hash, remote_hash, is_valid } = scene.status()
  assert.deepEqual([version, remote_version, rollback_version, is_valid], ['1.1.0', '1.1.0', '1.0.0', true])
  assert.equal(remote_hash, current_hash)
  nothingLeft(scene)
  const [kept = ''] = heldIn(scene)
  assert.deepEqual(treeOf(path.join(scene.hold, kept)), before)
  const ours = scene.messages().map((message) => message.replace(/from version .*/, 'from version'))
  const url = scene.index.url.replace('/simple', '')
  const version3 = readdirSync(path.join(scene.virtualenv, 'lib'))[0]
  assert.deepEqual(
    ours.filter((message) => !/^Collecting toylib|toylib-/.test(message)),
    [
      'Python Package app: Checking pip version...',
      'Python Package app: Updating pip from version',
      `Looking in indexes: ${scene.index.url}`,
      ours[3],
      'Python Package app: Updating Python Package app from PIP...',
      `Looking in indexes: ${scene.index.url}`,
      `Requirement already satisfied: toyapp in ./venv/lib/${version3}/site-packages (1.0.0)`,
      'Collecting toyapp',
      ours.find((message) => message.startsWith(`Downloading ${url}/files/toyapp-1.1.0`)),
      'Installing collected packages: toylib, toyapp',
      'Attempting uninstall: toyapp',
      'Found existing installation: toyapp 1.0.0',
      'Uninstalling toyapp-1.0.0:',
      'Successfully uninstalled toyapp-1.0.0',
      'Python Package app: Update Finished...',
    ],
  )
  assert.ok(ours.includes('Successfully installed toyapp-1.1.0 toylib-1.5'))
  await goTo(scene, 'upgrade')
  assert.equal(scene.messages().length, ours.length)
})

test('a rollback needs no index, and can be taken back too', async (t) => {
  const scene = await pythonScene(t)
  const before = treeOf(scene.virtualenv)
  await goTo(scene, 'upgrade')
  const after = treeOf(scene.virtualenv)
  scene.index.fault = 'broken'
  const asked = scene.index.asked.length
  await goTo(scene, 'rollback')
  assert.deepEqual(treeOf(scene.virtualenv), before)
  assert.equal(scene.runs(), 'toyapp 1.0.0')
  const { version, remote_version, rollback_version } = scene.status()
  assert.deepEqual([version, remote_version, rollback_version], ['1.0.0', '1.1.0', '1.0.0'])
  await goTo(scene, 'rollback', { version: '1.1.0' })
  assert.deepEqual(treeOf(scene.virtualenv), after)
  assert.equal(scene.runs(), 'toyapp 1.1.0')
  assert.equal(scene.index.asked.length, asked)
  nothingLeft(scene)
  assert.equal(heldIn(scene).length, 1)
})

test('a rollback to a named version can be taken back without naming one', async (t) => {
  const scene = await pythonScene(t)
  await goTo(scene, 'upgrade')
  scene.index.fault = 'broken'
  await goTo(scene, 'rollback', { version: '1.0.0' })
  assert.deepEqual([scene.runs(), scene.status().rollback_version], ['toyapp 1.0.0', '1.1.0'])
  await goTo(scene, 'rollback')
  assert.equal(scene.runs(), 'toyapp 1.1.0')
})
