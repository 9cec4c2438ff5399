import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { serveRegistry, type NpmRegistry, type TestPackage } from '../../support/npm-registry.js'
import { commit, git } from '../../support/repositories.js'
import { goTo, nothingUnderWay, planOf, refusal, scene, tip, type Scene } from '../../support/scene.js'

const one = { name: 'demo', version: '1.0.0' }
const two = { name: 'demo', version: '2.0.0' }

interface NodeScene extends Scene {
  readonly registry: NpmRegistry
  readonly old: string
  /** What the application gets when it asks for the package; null when there is none. */
  demo(): string | null
  mine(): boolean
  /** What is kept beside the application. */
  held(): readonly string[]
}

/** An application in whose node_modules demo 1.0.0 lies, and something of its owner. */
const nodeScene = async (
  t: TestContext,
  to: TestPackage = two,
  given: { readonly modules?: boolean } = {},
): Promise<NodeScene> => {
  const registry = await serveRegistry(t)
  let old = ''
  const prepare = (app: string, upstream: Scene['upstream']): void => {
    old = commit(upstream.seed, 'old', { ...registry.locked(one), '.gitignore': 'node_modules/\n' })
    commit(upstream.seed, 'new', registry.locked(to))
    upstream.publish()
    git(app, 'pull', '-q')
    git(app, 'reset', '-q', '--hard', old)
    if (given.modules === false) return
    mkdirSync(path.join(app, 'node_modules/demo'), { recursive: true })
    writeFileSync(path.join(app, 'node_modules/demo/index.js'), "module.exports = 'demo 1.0.0'\n")
    writeFileSync(path.join(app, 'node_modules/mine.js'), '')
  }
  const at = await scene(t, prepare, {}, { enable_node_updates: true })
  const file = path.join(at.app, 'node_modules/demo/index.js')
  const hold = path.join(at.folder, '.moonkeeper/app')
  return {
    ...at,
    registry,
    old,
    demo: () => (existsSync(file) ? (/'(.*)'/.exec(readFileSync(file, 'utf8'))?.[1] ?? null) : null),
    held: () => (existsSync(hold) ? readdirSync(hold) : []),
    mine: () => existsSync(path.join(at.app, 'node_modules/mine.js')),
  }
}

test('a changed lock file is installed exactly, and the old node_modules come back with a rollback', async (t) => {
  const at = await nodeScene(t)
  const { app } = await planOf(at, 'upgrade')
  assert.deepEqual(app.node, [{ name: 'demo', from: '1.0.0', to: '2.0.0' }])
  assert.deepEqual(at.registry.asked, [], 'a plan runs no npm')
  await at.bench.engine.upgrade('app')
  assert.equal(at.demo(), 'demo 2.0.0')
  assert.equal(at.mine(), false)
  const said = at.bench.lines.map(({ message }) => message)
  assert.ok(said.includes('Git Repo app: Updating Node Packages...'), said.join('\n'))
  at.registry.fault = 'broken'
  await at.bench.engine.rollback('app')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), at.old)
  assert.equal(at.demo(), 'demo 1.0.0')
  assert.equal(at.mine(), true)
  await goTo(at, 'rollback', tip(at))
  assert.equal(at.demo(), 'demo 2.0.0')
  nothingUnderWay(at)
})

test('scripts of packages run, with a cache and temporary files of their own', async (t) => {
  const install = 'echo "$npm_config_cache|$TMPDIR|$JOBS|$(cut -d" " -f19 /proc/self/stat)" > told.txt'
  const at = await nodeScene(t, { ...two, install })
  await at.bench.engine.upgrade('app')
  const told = readFileSync(path.join(at.app, 'node_modules/demo/told.txt'), 'utf8').trim()
  const [cache = '', temporary = '', jobs = '', nice = ''] = told.split('|')
  assert.ok(cache.startsWith(at.bench.dataFolder), cache)
  assert.ok(temporary.startsWith(at.bench.dataFolder), temporary)
  assert.match(jobs, /^\d+$/)
  assert.equal(nice, '19')
  nothingUnderWay(at)
})

const faults: readonly (readonly [string, TestPackage, (registry: NpmRegistry) => void, RegExp])[] = [
  [
    'a tarball that is not what its digest says',
    two,
    (registry) => (registry.fault = 'corrupt'),
    /integrity|EINTEGRITY/i,
  ],
  ['a script that fails', { ...two, install: 'echo half > half.txt; exit 7' }, () => undefined, /code 7/],
]

for (const [what, to, breakIt, reason] of faults) {
  test(`${what}: the update fails, and code and node_modules go back together`, async (t) => {
    const at = await nodeScene(t, to)
    breakIt(at.registry)
    const { message } = await refusal(() => at.bench.engine.upgrade('app'))
    assert.match(message, reason)
    assert.equal(git(at.app, 'rev-parse', 'HEAD'), at.old)
    assert.equal(at.demo(), 'demo 1.0.0')
    assert.equal(at.mine(), true)
    assert.deepEqual(at.held(), [])
    nothingUnderWay(at)
  })
}

test('without node_modules before, none are left when it fails', async (t) => {
  const at = await nodeScene(t, { ...two, install: 'exit 7' }, { modules: false })
  await refusal(() => at.bench.engine.upgrade('app'))
  assert.equal(existsSync(path.join(at.app, 'node_modules')), false)
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), at.old)
})
