import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { findPackageKit } from '../../../src/machine/packages/packagekit.js'
import { systemClock } from '../../../src/system/clock.js'
import type { PackageProvider } from '../../../src/machine/packages/provider.js'
import { createDBus, type DBusCall } from '../../../src/system/dbus.js'
import { toys } from '../../support/apt-root.js'
import { latch } from '../../support/engine.js'
import { temporaryFolder } from '../../support/folder.js'
import { all, kitScene } from '../../support/kit-scene.js'
import { gateIn, release } from '../../support/system-machine.js'

const conflicting = [
  { name: 'toy-a', version: '1.1' },
  { name: 'toy-c', version: '1.1', fields: ['Conflicts: toy-b'] },
]

test('what is newer is planned with both versions and its origin, downloaded and installed', async (t) => {
  const { apt, provider, local, talk } = await kitScene(t, [
    { name: 'toy-a', version: '1.1', fields: ['Depends: toy-new'] },
    ...toys('1.1', 'toy-b', 'toy-c'),
    ...toys('0.5', 'toy-new'),
  ])
  const plan = await provider.simulate(all, talk)
  const origin = 'toys-stable'
  assert.deepEqual(
    plan.upgrade,
    ['toy-a', 'toy-b', 'toy-c'].map((name) => ({ name, from: '1.0', to: '1.1', origin })),
  )
  assert.deepEqual(plan.install, [{ name: 'toy-new', from: null, to: '0.5', origin }])
  assert.deepEqual([plan.remove, plan.kept, plan.unknown], [[], [], []])
  // Both ways say the same.
  const other = await local.simulate(all, talk)
  const bare = ({ install, upgrade }: typeof plan) =>
    [...install, ...upgrade].map(({ name, from, to }) => [name, from, to])
  assert.deepEqual(bare(plan), bare(other))
  assert.ok(((await provider.measure(all, talk)).downloadBytes ?? 0) > 1000)
  await provider.download(all, talk)
  assert.equal((await apt.packages())['toy-a'], '1.0')
  await provider.apply(all, plan, talk)
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-b': '1.1', 'toy-c': '1.1', 'toy-new': '0.5' })
  assert.ok(talk.lines.includes('Transaction Update packages started...'), talk.lines.join('\n'))
  assert.match(
    talk.lines.at(-1) ?? '',
    /^Transaction Update packages: Exit Success, Run time: [\d.]+ seconds$/,
  )
  assert.deepEqual((await provider.simulate(all, talk)).upgrade, [])
})

// PackageKit looks at dpkg now and then: what is over at once is not told by it. So one package waits until it was.
test('how far an installation is, is told while it goes on', { timeout: 60_000 }, async (t) => {
  const gate = gateIn(await temporaryFolder(t))
  const { provider, talk } = await kitScene(t, [
    { name: 'toy-a', version: '1.1', fields: ['Pre-Depends: toy-b (>= 1.1)'] },
    { name: 'toy-b', version: '1.1', script: gate.script },
  ])
  const told = latch()
  const fractions: number[] = []
  const say: typeof talk.say = (text, fraction) => {
    talk.say(text, fraction)
    if (fraction !== undefined && fraction > 0) fractions.push(fraction)
    const isFar = fractions.some((one) => one < 1)
    if (isFar && talk.lines.includes('Installing: toy-b (1.1)')) told.open()
  }
  const plan = await provider.simulate(all, talk)
  const work = provider.apply(all, plan, { ...talk, say })
  const handle = await gate.begun()
  await told.opened
  await release(handle, 'on')
  await work
  assert.deepEqual(
    fractions,
    [...fractions].sort((one, other) => one - other),
  )
})

test('what would go is part of the plan; what needs nothing to go can be had without it', async (t) => {
  const { apt, provider, talk } = await kitScene(t, conflicting)
  const plan = await provider.simulate(all, talk)
  assert.deepEqual(plan.remove, [{ name: 'toy-b', from: '1.0', to: null }])
  const careful = { ...all, removing: false }
  const safe = await provider.simulate(careful, talk)
  assert.deepEqual([safe.upgrade.map(({ name }) => name), safe.remove, safe.kept], [['toy-a'], [], ['toy-c']])
  await assert.rejects(provider.apply(all, safe, talk), { kind: 'plan_changed' })
  await provider.apply(careful, safe, talk)
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-b': '1.0', 'toy-c': '1.0' })
  await provider.apply(all, await provider.simulate(all, talk), talk)
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-c': '1.1' })
})

test('packages are installed by name; names that nobody knows are told', async (t) => {
  const { apt, provider, talk } = await kitScene(t, [
    { name: 'toy-app', version: '2.0', fields: ['Depends: toy-lib (>= 2)'] },
    ...toys('2.0', 'toy-lib', 'toy-b', 'libtoy++'),
  ])
  const names = ['toy-app', 'no-such-toy', 'toy-b', 'toy-a', 'libtoy++:all']
  const task = { kind: 'install', names } as const
  const plan = await provider.simulate(task, talk)
  assert.deepEqual(plan.unknown, ['no-such-toy'])
  assert.deepEqual(
    [...plan.install, ...plan.upgrade].map(({ name, from, to }) => [name, from, to]),
    [
      ['libtoy++', null, '2.0'],
      ['toy-app', null, '2.0'],
      ['toy-lib', null, '2.0'],
      ['toy-b', '1.0', '2.0'],
    ],
  )
  await provider.download(task, talk)
  await provider.apply(task, plan, talk)
  assert.deepEqual(await apt.packages(), {
    'libtoy++': '2.0',
    'toy-a': '1.0',
    'toy-app': '2.0',
    'toy-b': '2.0',
    'toy-c': '1.0',
    'toy-lib': '2.0',
  })
  const again = await provider.simulate(task, talk)
  assert.deepEqual([again.install, again.upgrade], [[], []])
  for (const name of ['toy-*', '-oDebug', 'a;b;all;', ''])
    await assert.rejects(
      provider.simulate({ kind: 'install', names: [name] }, talk),
      { kind: 'refused' },
      name,
    )
})

test('what changed since it was planned is not done', async (t) => {
  const { apt, provider, talk } = await kitScene(t)
  const plan = await provider.simulate(all, talk)
  await apt.publish([...toys('1.1', 'toy-a', 'toy-b'), ...toys('1.2', 'toy-c')])
  await provider.refresh(talk)
  await assert.rejects(provider.apply(all, plan, talk), { kind: 'plan_changed' })
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.0', 'toy-b': '1.0', 'toy-c': '1.0' })
})

test('what is held back stays, and a configuration file that was edited too', async (t) => {
  const settings = (version: string) => [{ name: 'toy-set', version, settings: `as of ${version}` }]
  const { apt, provider, talk } = await kitScene(
    t,
    [...settings('1.1'), ...toys('1.1', 'toy-b')],
    [...settings('1.0'), ...toys('1.0', 'toy-b')],
  )
  await apt.hold('toy-b')
  await writeFile(apt.inside('etc/toy-set.conf'), 'mine\n')
  const plan = await provider.simulate(all, talk)
  assert.deepEqual([plan.upgrade.map(({ name }) => name), plan.kept], [['toy-set'], ['toy-b']])
  await provider.apply(all, plan, talk)
  assert.deepEqual(await apt.packages(), { 'toy-b': '1.0', 'toy-set': '1.1' })
  assert.equal(await readFile(apt.inside('etc/toy-set.conf'), 'utf8'), 'mine\n')
})

test('nothing but PackageKit is asked where nobody knows what is below it', async (t) => {
  const { apt, alone, talk } = await kitScene(t, [
    ...conflicting,
    { name: 'toy-new', version: '0.5', fields: ['Depends: toy-a (>= 1.1)'] },
  ])
  const careful = await alone.simulate({ ...all, removing: false }, talk)
  assert.deepEqual([careful.upgrade.map(({ name }) => name), careful.kept], [['toy-a'], ['toy-c']])
  const task = { kind: 'install', names: ['toy-new'] } as const
  const plan = await alone.simulate(task, talk)
  assert.ok(((await alone.measure(task, talk)).downloadBytes ?? 0) > 100)
  assert.deepEqual(await alone.measure({ kind: 'install', names: ['toy-b'] }, talk), {
    downloadBytes: 0,
    diskBytes: 0,
  })
  await alone.apply(task, plan, talk)
  const found = { 'toy-a': '1.1', 'toy-b': '1.0', 'toy-c': '1.0', 'toy-new': '0.5' }
  assert.deepEqual(await apt.packages(), found)
  const versions = await alone.installed(['toy-new', 'toy-a:all', 'no-such-toy'])
  assert.deepEqual(Object.fromEntries(versions), { 'toy-new': '0.5', 'toy-a:all': '1.1' })
})

test('where PackageKit does not let us but sudo does, apt-get is used', async () => {
  const answers: Readonly<Record<string, readonly unknown[]>> = { Get: [1], CanAuthorize: [2] }
  const bus = {
    call: async ({ member }: DBusCall) => answers[member] ?? [],
    listen: () => Promise.reject(new Error('nothing is to be heard')),
    close: () => undefined,
  }
  const find = async (mayRepair: boolean) => {
    const local = { folder: '/', mayRepair: async () => mayRepair } as PackageProvider
    return (await findPackageKit({ bus, clock: systemClock, user: 'tester', local }))?.name ?? null
  }
  assert.deepEqual([await find(true), await find(false)], [null, 'PackageKit'])
})

test('where there is no PackageKit it is not found', async () => {
  const bus = createDBus('unix:path=/nonexistent/bus')
  assert.equal(await findPackageKit({ bus, clock: systemClock, user: 'tester', local: null }), null)
})
