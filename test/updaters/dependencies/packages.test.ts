import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { PackageProvider } from '../../../src/machine/packages/provider.js'
import { AptRoot, toys, type ToyPackage } from '../../support/apt-root.js'
import { kitScene } from '../../support/kit-scene.js'
import { commit, git } from '../../support/repositories.js'
import { nothingUnderWay, planOf, refusal, scene, tip, type Scene } from '../../support/scene.js'

const file = 'scripts/system-dependencies.json'
const asking = (...names: readonly string[]): Record<string, string> => ({
  [file]: JSON.stringify({ debian: names }),
})

interface PackageScene extends Scene {
  readonly apt: AptRoot
  readonly old: string
  readonly head: () => string
  readonly messages: () => readonly string[]
}

const aptScene = async (
  t: TestContext,
  published: readonly ToyPackage[],
  installed: readonly ToyPackage[],
): Promise<{ readonly apt: AptRoot; readonly provider: PackageProvider }> => {
  const apt = await AptRoot.create(t, installed, published)
  return { apt, provider: await apt.provider() }
}

/** An application that asks for toy-a, which is installed, and then for more. The packages are a root's of its own. */
const packageScene = async (
  t: TestContext,
  to: Readonly<Record<string, string>>,
  published: readonly ToyPackage[],
  managed: boolean | 'PackageKit' = true,
): Promise<PackageScene> => {
  const installed = toys('1.0', 'toy-a', 'toy-old')
  const { apt, provider } =
    managed === 'PackageKit'
      ? await kitScene(t, published, installed)
      : await aptScene(t, published, installed)
  let old = ''
  const prepare = (app: string, upstream: Scene['upstream']): void => {
    old = commit(upstream.seed, 'old', asking('toy-a'))
    commit(upstream.seed, 'new', to)
    upstream.publish()
    git(app, 'pull', '-q')
    git(app, 'reset', '-q', '--hard', old)
  }
  const outside = { packages: managed !== false ? { provider: async () => provider } : null }
  const at = await scene(t, prepare, outside, { system_dependencies: file })
  return {
    ...at,
    apt,
    old,
    head: () => git(at.app, 'rev-parse', 'HEAD'),
    messages: () => at.bench.lines.map(({ message }) => message),
  }
}

const source = [
  ...toys('1.0', 'toy-a', 'toy-lib'),
  { name: 'toy-b', version: '2.0', fields: ['Depends: toy-lib'] },
]

test('packages that a new version asks for are planned, and installed with what they need', async (t) => {
  const at = await packageScene(t, asking('toy-a', 'toy-b'), source)
  const { app, plan } = await planOf(at, 'upgrade')
  assert.deepEqual(
    app.packages.install.map(({ name, to }) => [name, to]),
    [
      ['toy-b', '2.0'],
      ['toy-lib', '1.0'],
    ],
  )
  assert.match(app.warnings.join(), /stay, also when it is undone/)
  assert.deepEqual([app.reversible, plan.needs_plan_hash], [true, []])
  assert.deepEqual(await at.apt.packages(), { 'toy-a': '1.0', 'toy-old': '1.0' })
  await at.bench.engine.upgrade('app')
  assert.equal(at.head(), tip(at))
  assert.deepEqual(await at.apt.packages(), {
    'toy-a': '1.0',
    'toy-b': '2.0',
    'toy-lib': '1.0',
    'toy-old': '1.0',
  })
  const said = at.messages()
  const order = [
    'Fast-forward',
    'Git Repo app: Installing system dependencies...',
    'Git Repo app: Update Finished...',
  ]
  const places = order.map((text) => said.indexOf(text))
  assert.ok(
    places.every((place, i) => place > (places[i - 1] ?? -1)),
    said.join('\n'),
  )
  nothingUnderWay(at)
})

test('PackageKit installs what a new version asks for', async (t) => {
  const at = await packageScene(t, asking('toy-a', 'toy-b'), source, 'PackageKit')
  await at.bench.engine.upgrade('app')
  assert.equal(at.head(), tip(at))
  assert.deepEqual(await at.apt.packages(), {
    'toy-a': '1.0',
    'toy-b': '2.0',
    'toy-lib': '1.0',
    'toy-old': '1.0',
  })
  assert.ok(at.messages().includes('Transaction Install packages started...'))
  nothingUnderWay(at)
})

test('a package that cannot be installed fails the update, and the code goes back', async (t) => {
  const broken = { name: 'toy-b', version: '2.0', script: 'exit 3' }
  const at = await packageScene(t, asking('toy-a', 'toy-b'), [...toys('1.0', 'toy-a'), broken])
  await refusal(() => at.bench.engine.upgrade('app'))
  assert.equal(at.head(), at.old)
  nothingUnderWay(at)
})

test('a package that no source has fails the update before anything is installed', async (t) => {
  const at = await packageScene(t, asking('toy-a', 'toy-b', 'toy-none'), source)
  const { app } = await planOf(at, 'upgrade')
  assert.match(app.warnings.join(), /It would be refused: no package source has toy-none/)
  const { message } = await refusal(() => at.bench.engine.upgrade('app'))
  assert.match(message, /no package source has toy-none/)
  assert.equal(at.head(), at.old)
  assert.deepEqual(await at.apt.packages(), { 'toy-a': '1.0', 'toy-old': '1.0' })
})

test('nothing is removed for an application', async (t) => {
  const rival = { name: 'toy-b', version: '2.0', fields: ['Conflicts: toy-old'] }
  const at = await packageScene(t, asking('toy-a', 'toy-b'), [...toys('1.0', 'toy-a'), rival])
  const { message } = await refusal(() => at.bench.engine.upgrade('app'))
  assert.match(message, /cannot be installed without removing toy-old/)
  assert.equal(at.head(), at.old)
  assert.deepEqual(await at.apt.packages(), { 'toy-a': '1.0', 'toy-old': '1.0' })
})

test('a condition that does not hold here asks for nothing', async (t) => {
  const at = await packageScene(
    t,
    asking('toy-a', "toy-none; distro_id == 'ubuntu' and distro_version >= '24.10'"),
    source,
  )
  await at.bench.engine.upgrade('app')
  assert.equal(at.head(), tip(at))
  assert.ok(!at.messages().some((line) => line.includes('system dependencies')))
})

test('what is installed already is asked of nobody', async (t) => {
  const at = await packageScene(t, asking('toy-a', 'toy-old'), source)
  await at.bench.engine.upgrade('app')
  assert.equal(at.head(), tip(at))
  assert.deepEqual(await at.apt.packages(), { 'toy-a': '1.0', 'toy-old': '1.0' })
})

test('where packages are not managed, it is said which ones must be there', async (t) => {
  const at = await packageScene(t, asking('toy-a', 'toy-b'), source, false)
  const { app } = await planOf(at, 'upgrade')
  assert.match(app.warnings.join(), /not managed here\. See that these are installed: toy-b/)
  await at.bench.engine.upgrade('app')
  assert.equal(at.head(), tip(at))
  assert.ok(at.messages().some((line) => line.endsWith('See that these are installed: toy-b')))
})

test('a recovery with update_deps installs all that is asked for and missing', async (t) => {
  const at = await packageScene(t, asking('toy-a', 'toy-b'), source)
  git(at.app, 'pull', '-q')
  await at.bench.engine.refresh('app')
  await at.bench.engine.recover('app', { hard: false, updateDependencies: false })
  assert.equal((await at.apt.packages())['toy-b'], undefined)
  await at.bench.engine.recover('app', { hard: true, updateDependencies: true })
  assert.equal((await at.apt.packages())['toy-b'], '2.0')
})
