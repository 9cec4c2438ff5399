import assert from 'node:assert/strict'
import { readdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { planOf, refusal } from '../../support/scene.js'
import { appOf, goTo, heldIn, nothingLeft, pythonScene } from '../../support/python-scene.js'
import { installWheel, sitePackagesOf, treeOf } from '../../support/virtualenv.js'

/** As far as one can see without starting it, pip is one that cannot tell what it would install. */
const installWithOldPip = (virtualenv: string): void => {
  installWheel(virtualenv, appOf('1.0.0'))
  const packages = sitePackagesOf(virtualenv)
  const [info = ''] = readdirSync(packages).filter((name) => /^pip-.*\.dist-info$/.test(name))
  renameSync(path.join(packages, info), path.join(packages, 'pip-20.3.4.dist-info'))
}

test('a pip that cannot tell what it would install: the plan says so, and the upgrade is as safe', async (t) => {
  const scene = await pythonScene(t, { install: installWithOldPip })
  assert.equal(scene.status().remote_version, '1.1.0')
  const { app } = await planOf(scene, 'upgrade')
  assert.deepEqual(app.warnings, [
    'Which other packages change is not known: pip 20.3.4 cannot tell what it would install, 22.2 and later can.',
    'How much is downloaded, and what is new in it, is not known before.',
  ])
  assert.equal(app.python, undefined)
  const before = treeOf(scene.virtualenv)
  await goTo(scene, 'upgrade')
  assert.equal(scene.runs(), 'toyapp 1.1.0')
  assert.ok(scene.messages().includes('Installing collected packages: toylib, toyapp'))
  nothingLeft(scene)
  const [kept = ''] = heldIn(scene)
  assert.deepEqual(treeOf(path.join(scene.hold, kept)), before)
})

test('where it says success and did nothing, the version that is there tells', async (t) => {
  const scene = await pythonScene(t, { install: installWithOldPip })
  const before = treeOf(scene.virtualenv)
  scene.index.wheels = []
  const { message } = await refusal(() => goTo(scene, 'upgrade'))
  assert.match(message, /toyapp==1\.1\.0|instead of 1\.1\.0/)
  assert.deepEqual(treeOf(scene.virtualenv), before)
  nothingLeft(scene)
  assert.deepEqual(heldIn(scene), [])
})
