import assert from 'node:assert/strict'
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { refusal } from '../../support/scene.js'
import {
  appOf,
  goTo,
  heldIn,
  nothingLeft,
  pythonScene,
  type PythonScene,
  type SceneOptions,
} from '../../support/python-scene.js'
import { sitePackagesOf, treeOf } from '../../support/virtualenv.js'

/** An upgrade that fails; what was there before must be there after. */
const failing = async (
  t: TestContext,
  prepare: (scene: PythonScene) => void,
  given: SceneOptions = {},
): Promise<string> => {
  const scene = await pythonScene(t, given)
  const before = treeOf(scene.virtualenv)
  prepare(scene)
  const { message } = await refusal(() => goTo(scene, 'upgrade'))
  assert.deepEqual(treeOf(scene.virtualenv), before)
  assert.equal(scene.runs(), 'toyapp 1.0.0')
  nothingLeft(scene)
  assert.deepEqual(heldIn(scene), [])
  assert.equal(scene.messages().at(-1), `Error updating app: ${message}`)
  assert.equal(scene.status().is_valid, true)
  return message
}

test('an index that cannot be reached any more is told, though pip says success', async (t) => {
  const message = await failing(t, ({ index }) => (index.fault = 'broken'))
  assert.match(
    message,
    /1\.1\.0, or what it needs, cannot be had\. The index cannot be reached, or has it no more/,
  )
})

test('a version that was taken away meanwhile is told', async (t) => {
  const message = await failing(t, ({ index }) => (index.wheels = [appOf('1.0.0')]))
  assert.match(message, /Could not find a version|cannot be had/)
})

test('a file that is not what its digest says is not installed', async (t) => {
  const message = await failing(t, ({ index }) => (index.fault = 'corrupt'))
  assert.match(message, /DO NOT MATCH THE HASHES/)
})

test('what cannot be satisfied is told before anything is changed', async (t) => {
  const message = await failing(t, () => undefined, {
    wheels: [appOf('1.0.0'), appOf('1.1.0', { requires: ['nowhere>=3'] })],
  })
  assert.match(message, /nowhere>=3/)
})

test('an index that stands still is not waited for without end', async (t) => {
  const message = await failing(t, ({ index }) => (index.fault = 'stalled'), {
    env: { PIP_TIMEOUT: '1' },
  })
  assert.match(message, /timed out|Read timed out|connection/i)
})

test('what was taken back by its author is not offered', async (t) => {
  const scene = await pythonScene(t, { wheels: [appOf('1.0.0'), appOf('1.1.0', { yanked: 'broken' })] })
  assert.equal(scene.status().remote_version, '1.0.0')
  await goTo(scene, 'upgrade')
  assert.deepEqual(scene.messages(), [])
})

test('what is for another Python is not offered', async (t) => {
  const scene = await pythonScene(t, { wheels: [appOf('1.0.0'), appOf('1.1.0', { requiresPython: '>=4' })] })
  assert.equal(scene.status().remote_version, '1.0.0')
})

test('an index that cannot be asked is told, and what is known stays', async (t) => {
  const scene = await pythonScene(t)
  scene.index.fault = 'broken'
  await scene.bench.engine.refresh('app')
  const { remote_version, is_valid, anomalies, warnings } = scene.status()
  assert.deepEqual([remote_version, is_valid, warnings], ['1.1.0', true, []])
  assert.match(anomalies[0] ?? '', /^What is new is not known, it is as it was seen last: /)
})

test('while a print runs pip is not started, not even to prepare', async (t) => {
  const scene = await pythonScene(t, { overrides: { prepareWhilePrinting: true } })
  scene.bench.printer.printing = true
  const asked = scene.index.asked.length
  const { kind, message } = await refusal(() => goTo(scene, 'upgrade', { until: 'prepared' }))
  assert.deepEqual(
    [kind, message.includes('pip is not started while Klippy is printing')],
    ['printing', true],
  )
  assert.equal((await refusal(() => goTo(scene, 'upgrade'))).message, 'Update Refused: Klippy is printing')
  assert.equal(scene.index.asked.length, asked)
})

test('what a killed pip left does no harm', async (t) => {
  const scene = await pythonScene(t)
  const packages = sitePackagesOf(scene.virtualenv)
  mkdirSync(path.join(packages, '~oyapp-0.9.dist-info'))
  await goTo(scene, 'upgrade')
  assert.equal(scene.runs(), 'toyapp 1.1.0')
  nothingLeft(scene)
})

test('a virtualenv without pip, or without the package, says so and is left alone', async (t) => {
  const scene = await pythonScene(t)
  const packages = sitePackagesOf(scene.virtualenv)
  rmSync(path.join(packages, 'pip-23.0.1.dist-info'), { recursive: true, force: true })
  for (const name of ['toyapp', 'toyapp-1.0.0.dist-info'])
    rmSync(path.join(packages, name), { recursive: true })
  await scene.bench.engine.refresh('app')
  const { is_valid, version, warnings } = scene.status()
  assert.deepEqual([is_valid, version], [false, '?'])
  assert.ok(warnings.includes('Failed to parse package info'))
  assert.equal((await refusal(() => goTo(scene, 'upgrade'))).kind, 'not_valid')
})
