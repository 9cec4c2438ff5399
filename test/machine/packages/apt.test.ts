import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { PackageTask } from '../../../src/machine/packages/provider.js'
import { AptRoot, listener, toys, type Talk, type ToyPackage } from '../../support/apt-root.js'

const all: PackageTask = { kind: 'upgrade', removing: true }
const old = toys('1.0', 'toy-a', 'toy-b', 'toy-c')
const newer = toys('1.1', 'toy-a', 'toy-b', 'toy-c')

const scene = async (t: TestContext, published: readonly ToyPackage[] = newer) => {
  const apt = await AptRoot.create(t, old, published)
  const provider = await apt.provider()
  const talk: Talk = listener(apt.folder)
  await provider.refresh(talk)
  return { apt, provider, talk }
}

test('what is newer is planned with both versions and its origin, downloaded and installed', async (t) => {
  const { apt, provider, talk } = await scene(t)
  const plan = await provider.simulate(all, talk)
  const change = (name: string) => ({ name, from: '1.0', to: '1.1', origin: 'Toys:stable' })
  assert.deepEqual(plan.upgrade, ['toy-a', 'toy-b', 'toy-c'].map(change))
  assert.deepEqual([plan.install, plan.remove, plan.kept, plan.unknown], [[], [], [], []])
  const { downloadBytes, diskBytes } = await provider.measure(all, talk)
  assert.ok((downloadBytes ?? 0) > 1000)
  assert.equal(typeof diskBytes, 'number')
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.0', 'toy-b': '1.0', 'toy-c': '1.0' })
  await provider.download(all, talk)
  const before = talk.lines.length
  await provider.apply(all, plan, talk)
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-b': '1.1', 'toy-c': '1.1' })
  const installing = talk.lines.slice(before)
  assert.ok(installing.includes('Unpacking toy-b (1.1) over (1.0) ...'), installing.join('\n'))
  assert.ok(!talk.lines.slice(before).some((line) => line.startsWith('Reading package lists')))
  assert.ok(talk.fractions.some((fraction) => fraction > 0.4 && fraction < 1))
  assert.deepEqual((await provider.simulate(all, talk)).upgrade, [])
})

test('what would go is part of the plan, and goes only if it was', async (t) => {
  const { apt, provider, talk } = await scene(t, [
    { name: 'toy-a', version: '1.1', fields: ['Depends: toy-new'] },
    { name: 'toy-c', version: '1.1', fields: ['Conflicts: toy-b'] },
    { name: 'toy-new', version: '0.5' },
  ])
  const plan = await provider.simulate(all, talk)
  assert.deepEqual(plan.remove, [{ name: 'toy-b', from: '1.0', to: null }])
  assert.deepEqual(
    plan.install.map(({ name, from, to }) => [name, from, to]),
    [['toy-new', null, '0.5']],
  )
  const careful = { ...all, removing: false }
  const safe = await provider.simulate(careful, talk)
  assert.deepEqual([safe.upgrade.map(({ name }) => name), safe.remove, safe.kept], [['toy-a'], [], ['toy-c']])
  await assert.rejects(provider.apply(all, safe, talk), { kind: 'plan_changed' })
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.0', 'toy-b': '1.0', 'toy-c': '1.0' })
  await provider.apply(careful, safe, talk)
  await provider.apply(all, await provider.simulate(all, talk), talk)
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-c': '1.1', 'toy-new': '0.5' })
})

test('what changed since it was planned is not done', async (t) => {
  const { apt, provider, talk } = await scene(t)
  const plan = await provider.simulate(all, talk)
  await apt.publish([...toys('1.1', 'toy-a', 'toy-b'), ...toys('1.2', 'toy-c')])
  await provider.refresh(talk)
  await assert.rejects(provider.apply(all, plan, talk), { kind: 'plan_changed' })
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.0', 'toy-b': '1.0', 'toy-c': '1.0' })
})

test('packages are installed by name, with what they need; names that nobody knows are told', async (t) => {
  const { apt, provider, talk } = await scene(t, [
    { name: 'toy-app', version: '2.0', fields: ['Depends: toy-lib (>= 2)'] },
    ...toys('2.0', 'toy-lib', 'libtoy++', 'toy-b'),
  ])
  const task = { kind: 'install', names: ['toy-app', 'no-such-toy', 'libtoy++'] } as const
  const plan = await provider.simulate(task, talk)
  assert.deepEqual(plan.unknown, ['no-such-toy'])
  assert.deepEqual(
    plan.install.map(({ name }) => name),
    ['libtoy++', 'toy-app', 'toy-lib'],
  )
  await provider.download(task, talk)
  await provider.apply(task, plan, talk)
  assert.deepEqual(await apt.packages(), {
    'libtoy++': '2.0',
    'toy-a': '1.0',
    'toy-app': '2.0',
    'toy-b': '1.0',
    'toy-c': '1.0',
    'toy-lib': '2.0',
  })
  assert.deepEqual((await provider.simulate(task, talk)).install, [])
  const nothing = await provider.simulate({ kind: 'install', names: ['no-such-toy'] }, talk)
  assert.deepEqual([nothing.install, nothing.unknown], [[], ['no-such-toy']])
})

test('what is no name of a package reaches no command', async (t) => {
  const { provider, talk } = await scene(t)
  for (const name of [
    'toy-a-',
    '-oDebug::NoLocking=1',
    'toy-a=1.0',
    'toy.*',
    'toy-a/stable',
    'task^',
    '',
    'a b',
  ])
    await assert.rejects(
      provider.simulate({ kind: 'install', names: [name] }, talk),
      { kind: 'refused' },
      name,
    )
})

test('the versions of what is installed are known', async (t) => {
  const { provider } = await scene(t)
  const found = await provider.installed(['toy-a', 'toy-new', 'toy-b:all'])
  assert.deepEqual(Object.fromEntries(found), { 'toy-a': '1.0', 'toy-b:all': '1.0' })
})
