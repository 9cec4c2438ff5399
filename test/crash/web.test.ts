import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { Daemon, freePort } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { serveForge, type Forge } from '../support/forge.js'
import {
  installProgram,
  installWeb,
  project,
  releaseOf,
  script,
  writeTree,
} from '../support/release-scene.js'
import { snapshot } from '../support/snapshot.js'
import { entryOf, killDuring, ready, spread, startAgain, tryOnce, visible } from './kills.js'

type Tree = Readonly<Record<string, string>>

interface Kind {
  readonly name: string
  readonly options: readonly string[]
  readonly install: (app: string) => void
  readonly forge: (t: TestContext) => Promise<Forge>
  readonly method: 'machine.update.upgrade' | 'machine.update.rollback'
  /** Points tried in the fixed sample, and of the recovery from one. */
  readonly sampled: { readonly points: number; readonly recovery: number }
}

const mine = { 'keep/a': 'a', 'keep/inner/b': 'b', 'config.json': '{"mine":1}' }

const web = {
  options: ['type: web', 'persistent_files:', '  keep', '  config.json'],
  install: (app: string) => (installWeb(app), writeTree(app, mine)),
  forge: (t: TestContext) =>
    serveForge(t, project, [releaseOf('v2.0.0', { content: { 'config.json': '{}', 'keep/example': 'x' } })]),
}

const kinds: readonly Kind[] = [
  {
    ...web,
    name: 'upgrade of a front end',
    method: 'machine.update.upgrade',
    sampled: { points: 22, recovery: 6 },
  },
  {
    ...web,
    name: 'rollback of a front end',
    method: 'machine.update.rollback',
    sampled: { points: 12, recovery: 3 },
  },
  {
    name: 'upgrade of a program',
    options: ['type: executable', 'is_system_service: False'],
    install: installProgram,
    forge: (t) => serveForge(t, project, [{ tag: 'v2.0.0', assets: { tool: script('v2.0.0') } }]),
    method: 'machine.update.upgrade',
    sampled: { points: 14, recovery: 3 },
  },
]

interface Case {
  readonly kind: Kind
  readonly fixture: string
  readonly forge: Forge
}

const configure = (folder: string, { kind, forge }: Case, port: number): void => {
  const lines = [
    ...[
      '[server]',
      'host: 127.0.0.1',
      `port: ${port}`,
      `klippy_uds_address: ${path.join(folder, 'no-klipper')}`,
    ],
    ...['[machine]', 'provider: none', '[update_manager]', 'enable_system_updates: False'],
    ...['[update_manager app]', ...kind.options, `repo: ${project}`, `path: ${path.join(folder, 'app')}`],
    ...['[moonkeeper app]', `api_url: ${forge.url}`],
  ]
  mkdirSync(path.join(folder, 'data/config'), { recursive: true })
  writeFileSync(path.join(folder, 'data/config/moonraker.conf'), `${lines.join('\n')}\n`)
}

/** A machine in the state in which the goal is asked for. */
const prepare = async (t: TestContext, kind: Kind): Promise<Case> => {
  const fixture = await temporaryFolder(t)
  mkdirSync(path.join(fixture, 'app'))
  kind.install(path.join(fixture, 'app'))
  return { kind, fixture, forge: await kind.forge(t) }
}

/** Runs the operation in a copy of the fixture, killed at the Nth point (0: not). @returns how many there were */
const runKilled = async (kase: Case, folder: string, at: number): Promise<number> => {
  const machine = visible(folder)
  const { method } = kase.kind
  mkdirSync(machine, { recursive: true })
  execFileSync('cp', ['-a', path.join(kase.fixture, 'app'), machine])
  configure(machine, kase, await freePort())
  const until = async (daemon: Daemon): Promise<void> => {
    await ready(daemon)
    if (method !== 'machine.update.rollback') return
    await daemon.ask('machine.update.upgrade', { name: 'app' })
  }
  return killDuring(folder, { at, checkout: 0 }, until, { method, params: { name: 'app' } })
}

/** Kept versions, what a later try can use, and what it writes over. */
const known = /^(?:kept-\d+|staged|staged\.json|download|download\.part(?:\.json)?|\.[\w.]+\.moonkeeper-tmp)$/

const checkFolders = (machine: string): void => {
  const hold = path.join(machine, '.moonkeeper/app')
  const held = existsSync(hold) ? readdirSync(hold) : []
  assert.deepEqual(
    held.filter((name) => !known.test(name)),
    [],
  )
  assert.ok(held.filter((name) => name.startsWith('kept-')).length <= 1)
  for (const name of ['journal.json', 'work'])
    assert.equal(existsSync(path.join(machine, 'data/moonkeeper', name)), false, name)
}

/** Starts for good: old or new with the user's files, what is told is what is there, and the next update works. */
const judge = async ({ kind }: Case, folder: string, trees: readonly [Tree, Tree]): Promise<void> => {
  const machine = visible(folder)
  const app = path.join(machine, 'app')
  const daemon = new Daemon(path.join(machine, 'data'))
  try {
    const status = entryOf(
      await daemon.askUntil('machine.update.status', (answer) => entryOf(answer) !== undefined),
    )
    assert.ok(status !== undefined, `the next start ended: ${daemon.text}`)
    const found = trees.findIndex((tree) => JSON.stringify(tree) === JSON.stringify(snapshot(app)))
    assert.notEqual(found, -1, 'neither the old nor the new version')
    checkFolders(machine)
    const versions = kind.method === 'machine.update.upgrade' ? ['v1.0.0', 'v2.0.0'] : ['v2.0.0', 'v1.0.0']
    assert.deepEqual([status['version'], status['is_valid']], [versions[found], true])
    if (kind.method !== 'machine.update.upgrade') return
    await ready(daemon)
    assert.equal((await daemon.ask(kind.method, { name: 'app' }))?.result, 'ok')
    assert.deepEqual(snapshot(app), trees[1])
    assert.match(readdirSync(path.join(machine, '.moonkeeper/app')).join(' '), /^kept-\d+$/)
  } finally {
    daemon.kill('SIGTERM')
    await daemon.end()
  }
}

let tried = 0

const trial = async (
  t: TestContext,
  name: string,
  work: (folder: string) => Promise<void>,
): Promise<void> => {
  tried += 1
  await tryOnce(t, name, work)
}

/** What lies there before and after, from a run that nothing disturbs. */
const undisturbed = async (
  t: TestContext,
  kase: Case,
): Promise<{ points: number; trees: readonly [Tree, Tree] }> => {
  const folder = await temporaryFolder(t)
  const points = await runKilled(kase, folder, 0)
  const [old, end] = [snapshot(path.join(kase.fixture, 'app')), snapshot(path.join(visible(folder), 'app'))]
  if (kase.kind.method === 'machine.update.upgrade') return { points, trees: [old, end] }
  const upgrade = { ...kase, kind: { ...kase.kind, method: 'machine.update.upgrade' } } as const
  const other = await temporaryFolder(t)
  await runKilled(upgrade, other, 0)
  return { points, trees: [snapshot(path.join(visible(other), 'app')), end] }
}

for (const kind of kinds) {
  test(`old or new after a kill: ${kind.name}`, async (t) => {
    const kase = await prepare(t, kind)
    const { points, trees } = await undisturbed(t, kase)
    for (const at of spread(points, kind.sampled.points)) {
      await trial(t, `at point ${at} of ${points}`, async (folder) => {
        await runKilled(kase, folder, at)
        await judge(kase, folder, trees)
      })
    }
    let recovery = 0
    const first = Math.ceil(points * 0.7)
    await trial(t, 'counting the recovery', async (folder) => {
      await runKilled(kase, folder, first)
      recovery = await startAgain(folder, 0)
      await judge(kase, folder, trees)
    })
    for (const at of spread(recovery, kind.sampled.recovery)) {
      await trial(t, `at point ${at} of ${recovery} of the recovery`, async (folder) => {
        await runKilled(kase, folder, first)
        await startAgain(folder, at)
        await judge(kase, folder, trees)
      })
    }
    t.diagnostic(`${kind.name}: ${points} points, ${recovery} of the recovery`)
  })
}

test('enough points were tried', (t) => {
  t.diagnostic(`tried ${tried} kills in all`)
  assert.ok(tried >= 60, `only ${tried}`)
})
