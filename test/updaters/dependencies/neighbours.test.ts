import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Neighbour } from '../../../src/updaters/contract.js'
import { demo, dependencyScene, requirements, type DependencyScene } from '../../support/dependency-scene.js'
import { temporaryFolder } from '../../support/folder.js'
import { goTo, heldIn, pythonScene } from '../../support/python-scene.js'
import { installWheel, runScript } from '../../support/virtualenv.js'

/** An application that was updated, and another one that has put something into its virtualenv since then. */
const sharedScene = async (t: TestContext, asked: string): Promise<DependencyScene> => {
  const folder = path.join(await temporaryFolder(t), 'plugin')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'wants.txt'), asked)
  const neighbour = { path: folder, requirements: 'wants.txt' } as { virtualenv?: string } & Neighbour
  const at = await dependencyScene(
    t,
    { [requirements]: 'demo==1.0\n' },
    { [requirements]: 'demo==2.0\n' },
    { outside: { neighbours: [neighbour] } },
  )
  neighbour.virtualenv = at.env
  await at.bench.engine.upgrade('app')
  installWheel(at.env, { name: 'plugin', version: '1.0' })
  return at
}

test('a rollback takes nothing from others that have the same virtualenv', async (t) => {
  const at = await sharedScene(t, 'plugin>=1.0\n')
  await at.bench.engine.rollback('app')
  assert.equal(at.head(), at.old)
  assert.deepEqual([at.says('demo'), at.says('plugin')], ['demo 1.0', 'plugin 1.0'])
})

test('where others miss nothing the kept virtualenv comes back, without the network', async (t) => {
  const at = await sharedScene(t, 'absent>=1.0\n')
  at.index.wheels = [demo('3.0')]
  await at.bench.engine.rollback('app')
  assert.deepEqual([at.says('demo'), at.says('plugin')], ['demo 1.0', null])
})

test('a rollback of a Python application takes nothing from others in its virtualenv', async (t) => {
  const neighbour = { project: 'plugin' } as { virtualenv?: string } & Neighbour
  const scene = await pythonScene(t, { overrides: { neighbours: [neighbour] } })
  neighbour.virtualenv = scene.virtualenv
  await goTo(scene, 'upgrade')
  installWheel(scene.virtualenv, { name: 'plugin', version: '1.0' })
  await goTo(scene, 'rollback')
  assert.equal(scene.runs(), 'toyapp 1.0.0')
  assert.equal(runScript(scene.virtualenv, 'plugin'), 'plugin 1.0')
  assert.equal(heldIn(scene).length, 1)
})
