import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { plainChange } from '../../../src/engine/change.js'
import { temporaryFolder } from '../../support/folder.js'
import type { Content } from '../../support/forge.js'
import { serveRegistry } from '../../support/npm-registry.js'
import { serveIndex, type PackageIndex } from '../../support/package-index.js'
import {
  installWeb,
  releaseOf,
  releaseScene,
  writeTree,
  type ReleaseScene,
} from '../../support/release-scene.js'
import { planOf, refusal } from '../../support/scene.js'
import { installWheel, makeVirtualenv, runScript } from '../../support/virtualenv.js'

const demo = (version: string): { readonly name: string; readonly version: string } => ({
  name: 'demo',
  version,
})

interface ZipScene extends ReleaseScene {
  readonly index: PackageIndex
  readonly says: () => string | null
}

const old = { 'requirements.txt': 'demo>=1.0\n' }
const now = { 'requirements.txt': 'demo>=2.0\n' }

/** A zip application whose virtualenv lies beside it, or in it. */
const zipScene = async (t: TestContext, inside: boolean, to: Content = now): Promise<ZipScene> => {
  const index = await serveIndex(t, [demo('1.0'), demo('2.0')])
  const outer = path.join(await temporaryFolder(t), 'env')
  const at = await releaseScene(t, {
    releases: [releaseOf('v2.0.0', { content: to })],
    options: (app) => ({
      type: 'zip',
      virtualenv: inside ? path.join(app, 'env') : outer,
      requirements: 'requirements.txt',
      pip_environment_variables: { PIP_INDEX_URL: index.url, PIP_RETRIES: '0' },
    }),
    install: (app) => {
      installWeb(app)
      writeTree(app, old)
      const env = inside ? path.join(app, 'env') : outer
      makeVirtualenv(env)
      installWheel(env, demo('1.0'))
    },
  })
  return { ...at, index, says: () => runScript(inside ? path.join(at.app, 'env') : outer, 'demo') }
}

const requirementsOf = ({ app }: ZipScene): string => readFileSync(path.join(app, 'requirements.txt'), 'utf8')

for (const inside of [false, true]) {
  const where = inside ? 'in the application' : 'beside it'

  test(`changed requirements of a zip are installed, and come back without an index; virtualenv ${where}`, async (t) => {
    const at = await zipScene(t, inside)
    await at.bench.engine.upgrade('app')
    assert.equal(requirementsOf(at), now['requirements.txt'])
    assert.equal(at.says(), 'demo 2.0')
    const said = at.messages()
    const order = ['Download Complete', 'Updating python packages...', 'Update Finished...']
    const places = order.map((text) => said.findIndex((line) => line.includes(text)))
    assert.ok(
      places.every((place, i) => place > (places[i - 1] ?? -1)),
      said.join('\n'),
    )
    at.index.fault = 'broken'
    await at.bench.engine.rollback('app')
    assert.equal(requirementsOf(at), old['requirements.txt'])
    assert.equal(at.says(), 'demo 1.0')
    await at.bench.engine.change({ ...plainChange('rollback', ['app'], 'test'), version: 'v2.0.0' })
    assert.equal(at.says(), 'demo 2.0')
    assert.equal(at.held().filter((name) => name.startsWith('virtualenv-')).length, 1)
  })

  test(`an update of a zip whose packages cannot be had is undone; virtualenv ${where}`, async (t) => {
    const at = await zipScene(t, inside)
    const before = at.tree()
    at.index.fault = 'corrupt'
    await refusal(() => at.bench.engine.upgrade('app'))
    assert.equal(at.says(), 'demo 1.0')
    assert.equal(requirementsOf(at), old['requirements.txt'])
    assert.deepEqual(Object.keys(at.tree()), Object.keys(before))
    assert.deepEqual(
      at.held().filter((name) => name.startsWith('virtualenv-') || name.startsWith('kept-')),
      [],
    )
    at.index.fault = null
    await at.bench.engine.upgrade('app')
    assert.equal(at.says(), 'demo 2.0')
  })
}

test('a plan of a zip tells what changes once it is staged, and before that, that it is not known', async (t) => {
  const at = await zipScene(t, false)
  const { app: before } = await planOf(at, 'upgrade')
  assert.match(before.warnings.join(), /depends on changes is known only when it is here/)
  await at.bench.engine.change({ ...plainChange('upgrade', ['app'], 'test'), until: 'prepared' })
  const { app } = await planOf(at, 'upgrade')
  assert.deepEqual(
    app.python?.map(({ name, from, to }) => [name, from, to]),
    [['demo', '1.0', '2.0']],
  )
  assert.equal(at.says(), 'demo 1.0')
})

test('requirements of a zip that ask for the same need no pip', async (t) => {
  const at = await zipScene(t, false, { 'requirements.txt': 'demo>=1.0\n# none\n' })
  await at.bench.engine.upgrade('app')
  assert.deepEqual(at.index.asked, [])
  assert.equal(at.says(), 'demo 1.0')
})

const nodeScene = async (t: TestContext, same: boolean): Promise<ReleaseScene & { demo: () => string }> => {
  const registry = await serveRegistry(t)
  const one = registry.locked(demo('1.0.0'))
  const two = registry.locked(demo('2.0.0'))
  const at = await releaseScene(t, {
    releases: [releaseOf('v2.0.0', { content: same ? one : two })],
    options: { type: 'zip', enable_node_updates: true, persistent_files: ['node_modules'] },
    install: (app) => {
      installWeb(app)
      writeTree(app, { ...one, 'node_modules/demo/index.js': "'mine 1.0.0'\n" })
    },
  })
  const demoText = (): string => readFileSync(path.join(at.app, 'node_modules/demo/index.js'), 'utf8')
  if (same) registry.fault = 'broken'
  return { ...at, demo: demoText }
}

test('the Node packages of a zip belong to its versions', async (t) => {
  const at = await nodeScene(t, false)
  await at.bench.engine.upgrade('app')
  assert.match(at.demo(), /demo 2\.0\.0/)
  await at.bench.engine.rollback('app')
  assert.match(at.demo(), /mine 1\.0\.0/)
})

test('Node packages that do not change are copied to the new version', async (t) => {
  const at = await nodeScene(t, true)
  await at.bench.engine.upgrade('app')
  assert.match(at.demo(), /mine 1\.0\.0/)
  writeFileSync(path.join(at.app, 'node_modules/demo/index.js'), 'new\n')
  await at.bench.engine.rollback('app')
  assert.match(at.demo(), /mine 1\.0\.0/, 'a copy, and no link')
  assert.equal(existsSync(path.join(at.app, 'stale.txt')), true)
})
