import assert from 'node:assert/strict'
import { chmodSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { ApplicationPlan } from '../../../src/contract/generated/types.js'
import { commit, git } from '../../support/repositories.js'
import { filesOf, goTo, keptOf, planOf, refusal, scene, tip, type Scene } from '../../support/scene.js'

const file = (at: Scene, name: string): string => path.join(at.app, name)

const addUpstream = ({ upstream }: Scene): string => {
  const id = commit(upstream.seed, 'fifth', { 'five.py': 'five = 5\n' })
  upstream.publish()
  return id
}

const damageIndex = (at: Scene): void => writeFileSync(file(at, '.git/index'), 'garbage')

/** Objects lie one by one, so that single ones can be lost. */
const loseObject = (at: Scene, name: string): void => {
  const id = git(at.app, 'rev-parse', name)
  const packs = file(at, '.git/objects/pack')
  for (const pack of readdirSync(packs).filter((one) => one.endsWith('.pack'))) {
    const moved = file(at, `.git/${pack}`)
    renameSync(path.join(packs, pack), moved)
    git(at.app, '-c', `alias.unpack=!git unpack-objects -q < '${moved}'`, 'unpack')
    rmSync(moved)
  }
  for (const rest of readdirSync(packs)) rmSync(path.join(packs, rest))
  rmSync(file(at, `.git/objects/${id.slice(0, 2)}/${id.slice(2)}`))
}

const loseEverything = (at: Scene): void => {
  for (const name of readdirSync(file(at, '.git/objects')))
    rmSync(file(at, `.git/objects/${name}`), { recursive: true })
}

/** The remote has never seen what is checked out. */
const loseOwnBranch = (at: Scene): void => {
  commit(at.app, 'mine', { 'mine.py': 'mine = 1\n' })
  loseEverything(at)
}

interface Expected {
  readonly prepare: (at: Scene) => void
  /** An error, or what the plan says: where it goes to, and its edits. */
  readonly upgrade: RegExp | string
  readonly rollback: RegExp | string
  readonly soft: RegExp | string
  readonly hard: RegExp | string
}

const broken = /^Update aborted, repo not valid$/
const damaged = /damaged: which files were edited is known only later/

const checkouts: Readonly<Record<string, Expected>> = {
  clean: {
    prepare: () => {},
    upgrade: 'five []',
    rollback: 'v1.0.0-0 []',
    soft: 'v1.1.0-0 []',
    hard: 'v1.1.0-0 []',
  },
  edited: {
    prepare: (at) => {
      writeFileSync(file(at, 'app.py'), 'mine\n')
      writeFileSync(file(at, 'plugin.py'), 'mine\n')
    },
    upgrade: broken,
    rollback: 'v1.0.0-0 [app.py]',
    soft: 'v1.1.0-0 [app.py]',
    hard: 'v1.1.0-0 [app.py]',
  },
  diverged: {
    prepare: (at) => void commit(at.app, 'mine', { 'mine.py': 'mine = 1\n' }),
    upgrade: broken,
    rollback: 'v1.0.0-0 []',
    soft: 'v1.1.0-1 []',
    hard: 'v1.1.0-1 []',
  },
  detached: {
    prepare: (at) => void git(at.app, 'checkout', '-q', '--detach'),
    upgrade: broken,
    rollback: 'v1.0.0-0 []',
    soft: 'v1.1.0-0 []',
    hard: 'v1.1.0-0 []',
  },
  'with a damaged index': {
    prepare: damageIndex,
    upgrade: broken,
    rollback: damaged,
    soft: damaged,
    hard: damaged,
  },
  'with a missing tree': {
    prepare: (at) => loseObject(at, 'HEAD^{tree}'),
    upgrade: broken,
    rollback: damaged,
    soft: damaged,
    hard: damaged,
  },
  // The next fetch brings back what was lost.
  'without objects': {
    prepare: loseEverything,
    upgrade: 'five []',
    rollback: 'v1.0.0-0 []',
    soft: 'v1.1.0-0 []',
    hard: 'v1.1.0-0 []',
  },
  'without objects of its own branch': {
    prepare: loseOwnBranch,
    upgrade: broken,
    rollback: /rev-parse/,
    soft: /cannot be told any more\. A hard recovery clones it anew/,
    hard: damaged,
  },
}

const told = (app: ApplicationPlan, newest: string): string =>
  `${app.to.id === newest ? 'five' : app.to.version} [${app.edits.join(' ')}]`

for (const [what, expected] of Object.entries(checkouts)) {
  test(`plans of a checkout that is ${what} tell what would happen, and change nothing`, async (t) => {
    const at = await scene(t)
    await goTo(at, 'upgrade', 'v1.1.0')
    expected.prepare(at)
    // What git would like to write anew: times that are not those of the index, and a lock that is old.
    for (const name of ['README.md', 'lib/stays.py']) utimesSync(file(at, name), 1, 1)
    await at.bench.engine.refresh('app')
    writeFileSync(file(at, '.git/index.lock'), '')
    utimesSync(file(at, '.git/index.lock'), 1, 1)
    chmodSync(file(at, 'README.md'), 0o640)
    const newest = addUpstream(at)
    const before = [filesOf(at.app), filesOf(at.bench.dataFolder), at.bench.status('app')]
    const goals = { upgrade: 'upgrade', rollback: 'rollback', soft: 'recover', hard: 'recover' } as const
    for (const [name, goal] of Object.entries(goals) as [keyof typeof goals, 'upgrade'][]) {
      const wanted = expected[name]
      const says = planOf(at, goal, { hard: name === 'hard' }).then(
        ({ app }) => `${told(app, newest)}${app.warnings.join()}`,
        (thrown: unknown) => String((thrown as Error).message),
      )
      if (typeof wanted === 'string') assert.ok((await says).startsWith(wanted), `${name}: ${await says}`)
      else assert.match(await says, wanted, name)
      assert.deepEqual([filesOf(at.app), filesOf(at.bench.dataFolder), at.bench.status('app')], before, name)
    }
    assert.deepEqual(
      at.bench.lines.filter((line) => line.message.includes('five')),
      [],
    )
  })
}

test('a plan of an upgrade tells commits, files and sizes', async (t) => {
  const at = await scene(t, () => {}, {}, { managed_services: ['app', 'other'] })
  const { app, plan } = await planOf(at, 'upgrade')
  assert.deepEqual(app.from, { version: 'v1.0.0-0', id: git(at.app, 'rev-parse', 'HEAD') })
  assert.deepEqual(app.to, { version: 'v1.1.0-1', id: tip(at) })
  assert.deepEqual([app.commits_count, app.commits?.map((one) => one.tag)], [3, [null, 'v1.1.0', null]])
  assert.equal(app.commits?.[0]?.subject, 'fourth')
  assert.deepEqual([app.files, app.download_bytes], [6, 0])
  const sizes = ['app.py', 'big.txt', 'run.sh', 'new/deep/file.py', 'conf/defaults.cfg'].map((name) =>
    Number(git(at.upstream.seed, 'cat-file', '-s', `master:${name}`)),
  )
  assert.equal(
    app.disk_bytes,
    sizes.reduce((sum, size) => sum + size, 0),
  )
  assert.deepEqual(
    [app.services, app.edits, app.downgrade, app.reversible],
    [['app', 'other'], [], false, true],
  )
  assert.deepEqual([plan.needs_plan_hash, app.warnings], [[], []])
})

test('a plan without anything to do says so', async (t) => {
  const at = await scene(t, (app) => git(app, 'reset', '-q', '--hard', 'origin/master'))
  const { app } = await planOf(at, 'upgrade')
  assert.deepEqual([app.needed, app.from, app.services], [false, app.to, []])
})

test('a plan names the same as long as the same would be done', async (t) => {
  const at = await scene(t)
  const hash = async (goal: 'upgrade' | 'rollback' | 'recover', hard = false): Promise<string> =>
    (await planOf(at, goal, { hard })).plan.hash
  const first = await hash('upgrade')
  assert.equal(await hash('upgrade'), first)
  commit(at.upstream.seed, 'other words', { 'five.py': 'five = 5\n' })
  at.upstream.publish()
  const second = await hash('upgrade')
  assert.notEqual(second, first, 'another commit')
  const soft = await hash('recover')
  const hard = await hash('recover', true)
  writeFileSync(file(at, 'app.py'), 'mine\n')
  assert.notEqual(await hash('recover'), soft, 'an edit')
  assert.notEqual(await hash('recover', true), hard, 'an edit')
  writeFileSync(file(at, 'app.py'), 'mine, and more\n')
  const edited = await hash('recover')
  utimesSync(file(at, 'app.py'), 1, 1)
  assert.equal(await hash('recover'), edited)
})

test('the hash depends on services, and on no text', async (t) => {
  const at = await scene(t)
  const before = await planOf(at, 'upgrade')
  const options = at.bench.application('app').settings.options as object
  await at.bench.manage({ app: { ...options, managed_services: ['app'] } as never })
  const more = await planOf(at, 'upgrade')
  assert.notEqual(more.plan.hash, before.plan.hash)
  const python = { virtualenv: '/nonexistent/env', requirements: 'big.txt' }
  await at.bench.manage({ app: { ...options, ...python, managed_services: [] } as never })
  const same = await planOf(at, 'upgrade')
  assert.notDeepEqual(same.app.warnings, before.app.warnings)
  assert.equal(same.plan.hash, before.plan.hash)
})

test('what was shown is done, and nothing else', async (t) => {
  const at = await scene(t)
  const shown = (await planOf(at, 'upgrade')).plan.hash
  commit(at.upstream.seed, 'fifth', { 'five.py': 'five = 5\n' })
  at.upstream.publish()
  const before = filesOf(at.app)
  assert.equal((await refusal(() => goTo(at, 'upgrade', null, shown))).kind, 'plan_changed')
  assert.equal((await refusal(() => goTo(at, 'upgrade', null, 'f'.repeat(64)))).kind, 'plan_changed')
  assert.deepEqual(filesOf(at.app), before)
  await goTo(at, 'upgrade', null, (await planOf(at, 'upgrade')).plan.hash)
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), tip(at))
})

test('a plan asks the remote, also where the last look found nothing new; what it showed is done', async (t) => {
  const at = await scene(t)
  await at.bench.engine.upgrade('app')
  assert.equal((await planOf(at, 'upgrade')).app.needed, false)
  commit(at.upstream.seed, 'fifth', { 'five.py': 'five = 5\n' })
  at.upstream.publish()
  const shown = await planOf(at, 'upgrade')
  assert.deepEqual([shown.app.needed, shown.app.to.id], [true, tip(at)])
  await goTo(at, 'upgrade', null, shown.plan.hash)
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), tip(at))
})

test('an edit after the plan of a rollback refuses it', async (t) => {
  const at = await scene(t)
  await at.bench.engine.upgrade('app')
  const shown = (await planOf(at, 'rollback')).plan.hash
  writeFileSync(file(at, 'README.md'), '# mine\n')
  const before = filesOf(at.app)
  assert.equal((await refusal(() => goTo(at, 'rollback', null, shown))).kind, 'plan_changed')
  assert.deepEqual(filesOf(at.app), before)
})

test('an upgrade to an older version needs the hash, and carries edits over', async (t) => {
  const at = await scene(t)
  await at.bench.engine.upgrade('app')
  const before = filesOf(at.app)
  assert.equal((await refusal(() => goTo(at, 'upgrade', 'v1.0.0'))).kind, 'needs_plan_hash')
  assert.deepEqual(filesOf(at.app), before)
  // Since the last look: what is dirty then is refused.
  writeFileSync(file(at, 'conf/defaults.cfg'), 'speed: 2\nheat: 1\nlight: 1\nsound: 1\nhome: 9\n')
  const { plan, app } = await planOf(at, 'upgrade', { version: 'v1.0.0' })
  assert.deepEqual([app.downgrade, app.edits, app.commits], [true, ['conf/defaults.cfg'], []])
  assert.match(plan.needs_plan_hash.join(), /v1\.0\.0-0 is older than v1\.1\.0-1/)
  await goTo(at, 'upgrade', 'v1.0.0', plan.hash)
  assert.equal(git(at.app, 'describe', '--tags'), 'v1.0.0')
  assert.match(filesOfText(at, 'conf/defaults.cfg'), /speed: 1\n[^]*home: 9\n/)
  assert.deepEqual(keptOf(at).refs, [tip(at)])
})

const filesOfText = (at: Scene, name: string): string =>
  Buffer.from((filesOf(at.app)[name] ?? '').split(' ')[2] ?? '', 'base64').toString()

test('a plan is about what is checked out now, and so is the way back', async (t) => {
  const at = await scene(t)
  const moved = git(at.app, 'rev-parse', 'origin/master~1')
  git(at.app, 'reset', '-q', '--hard', moved)
  const { app } = await planOf(at, 'upgrade')
  assert.deepEqual(app.from, { version: 'v1.1.0-0', id: moved })
  await at.bench.engine.upgrade('app')
  assert.equal(at.bench.status('app').rollback_version, 'v1.1.0-0')
  await at.bench.engine.rollback('app')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), moved)
})

test('a plan tells that the remote wrote its history anew', async (t) => {
  const at = await scene(t)
  git(at.upstream.seed, 'checkout', '-q', '--orphan', 'new')
  commit(at.upstream.seed, 'anew', {})
  git(at.upstream.seed, 'branch', '-q', '-f', 'master', 'new')
  at.upstream.publish()
  const { kind, message } = await refusal(() => planOf(at, 'upgrade'))
  assert.equal(kind, 'not_valid')
  assert.match(message, /written anew and does not hold what is installed/)
})

test('what an update needs on the disk counts before it begins', async (t) => {
  const at = await scene(t)
  const { updater } = at.bench.application('app')
  const goal = { kind: 'upgrade', version: null } as const
  const context = { signal: new AbortController().signal, progress: () => {}, shown: false, fresh: false }
  const { plan } = await updater.survey(goal, context)
  assert.ok((plan.disk_bytes ?? 0) > 10_000)
  assert.equal(plan.commits, undefined, 'what only people want to know is not read')
})
