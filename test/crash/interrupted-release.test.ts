import assert from 'node:assert/strict'
import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import type { ReleaseStatus } from '../../src/contract/generated/types.js'
import { recoverFromCrash } from '../../src/engine/crash-recovery.js'
import { createDownloads } from '../../src/system/download.js'
import { systemHttp } from '../../src/system/http.js'
import type { Json } from '../../src/updaters/contract.js'
import { updaterFactories } from '../../src/updaters/index.js'
import { makeIdleEngine, type Bench } from '../support/engine.js'
import { createMortal, type Blow, type Mortal } from '../support/mortal.js'
import { quickClock } from '../support/quick-clock.js'
import {
  forgeSurroundings,
  installProgram,
  installWeb,
  releaseOf,
  releaseScene,
  writeTree,
  type ReleaseScene,
  type SceneOptions,
} from '../support/release-scene.js'
import { realSurroundings, silentLog } from '../support/surroundings.js'

/** Every `stride`th point in the fixed sample. */
const whole = process.env['MOONKEEPER_WHOLE_SUITE'] === '1'

interface Kind {
  readonly name: string
  readonly canExchange: boolean
  readonly scene: SceneOptions
  readonly stride: number
}

const mine = { 'keep/a': 'a', 'keep/inner/b': 'b', 'config.json': '{"mine":1}', 'deep/er/mine.txt': 'mine' }

const web: SceneOptions = {
  releases: [releaseOf('v2.0.0', { content: { 'config.json': '{}', 'keep/example': 'x' } })],
  options: { persistent_files: ['keep', 'config.json', 'deep/er/mine.txt'] },
  install: (app) => (installWeb(app), writeTree(app, mine)),
}

const kinds: readonly Kind[] = [
  { name: 'a front end, by two renames', canExchange: false, scene: web, stride: 4 },
  { name: 'a front end, by one exchange', canExchange: true, scene: web, stride: 4 },
  {
    name: 'a program',
    canExchange: false,
    scene: { options: { type: 'executable' }, install: installProgram },
    stride: 4,
  },
]

type Goal = 'upgrade' | 'rollback'

interface Trial {
  readonly at: ReleaseScene
  readonly mortal: Mortal
  /** What lies there as long as nothing is changed. */
  readonly before: Readonly<Record<string, string>>
}

/** Ready for the goal: for a rollback an upgrade was made. */
const prepare = async (t: TestContext, kind: Kind, goal: Goal): Promise<Trial> => {
  const mortal = createMortal(kind.canExchange)
  const { files, commands } = mortal
  const downloads = createDownloads({ http: systemHttp, files, clock: quickClock() })
  const overrides = { files, commands, downloads, engineFiles: files }
  const at = await releaseScene(t, { ...kind.scene, overrides })
  if (goal === 'rollback') await at.bench.engine.upgrade('app')
  return { at, mortal, before: at.tree() }
}

const attempt = ({ bench }: ReleaseScene, goal: Goal): Promise<unknown> =>
  bench.engine[goal]('app').then(
    () => null,
    (thrown: unknown) => thrown,
  )

/** A later start: what was under way is finished or undone. */
const startAgain = async (at: ReleaseScene): Promise<Bench> => {
  const outside = forgeSurroundings(at.folder, at.forge)
  const bench = await makeIdleEngine(at.folder, { app: at.options }, outside)
  const surroundings = await realSurroundings(bench.dataFolder, outside)
  const outcome = await recoverFromCrash({
    journal: bench.journal,
    log: silentLog,
    clock: quickClock(),
    version: 'test',
    restarts: bench.restarts,
    rebuild: ({ application, type, options }) =>
      updaterFactories[type]?.(application, options as unknown as Json as never, surroundings) ?? null,
    application: (name) => bench.application(name),
    tell: (told) => bench.engine.resume(told),
  })
  assert.notEqual(outcome?.state, 'needs_person', outcome?.text)
  await bench.engine.lookForChanges()
  await bench.engine.refreshWhatIsDue()
  bench.engine.endFirstRefresh()
  return bench
}

const journalOf = (at: ReleaseScene): string => path.join(at.bench.dataFolder, 'journal.json')

/** Nothing but kept versions, and what a later try can use. */
const isTidy = (at: ReleaseScene): void => {
  const known = /^(?:kept-\d+|staged|staged\.json|download|download\.part|download\.part\.json)$/
  assert.deepEqual(
    at.held().filter((name) => !known.test(name)),
    [],
  )
  assert.equal(existsSync(journalOf(at)), false)
}

/** Old or new, whole, and a second try comes to its end. */
const judge = async (at: ReleaseScene, bench: Bench, goal: Goal, trees: readonly object[]): Promise<void> => {
  const found = trees.findIndex((tree) => JSON.stringify(tree) === JSON.stringify(at.tree()))
  assert.notEqual(found, -1, `neither old nor new: ${Object.keys(at.tree()).join(' ')}`)
  const entry = (): ReleaseStatus => bench.engine.status().value.version_info['app'] as ReleaseStatus
  // What was committed and could not be written down, or tidied up, is by the next operation.
  const isLeft = entry().warnings.some((text) => text.includes('left over'))
  if (found === 1 && (isLeft || existsSync(journalOf(at)))) await bench.engine[goal]('app')
  isTidy(at)
  const versions = goal === 'upgrade' ? ['v1.0.0', 'v2.0.0'] : ['v2.0.0', 'v1.0.0']
  assert.deepEqual([entry().version, entry().is_valid, entry().warnings], [versions[found], true, []])
  if (found === 0) await bench.engine[goal]('app')
  assert.deepEqual(at.tree(), trees[1])
  assert.equal(at.held().filter((name) => !name.startsWith('kept-')).length, 0, at.held().join(' '))
}

const trial = async (
  t: TestContext,
  kind: Kind,
  goal: Goal,
  [point, blow]: readonly [number, Blow],
  trees: readonly object[],
): Promise<void> => {
  const { at, mortal } = await prepare(t, kind, goal)
  mortal.arm(point, blow)
  const thrown = await attempt(at, goal)
  try {
    if (blow !== 'dies') return await judge(at, at.bench, goal, trees)
    await at.bench.engine.stop()
    const again = await startAgain(at)
    await judge(at, again, goal, trees)
    await again.engine.stop()
  } catch (failure) {
    throw new Error(`${blow} at ${point} (${String(thrown)}): ${String(failure)}`, { cause: failure })
  } finally {
    rmSync(at.folder, { recursive: true, force: true })
  }
}

for (const kind of kinds)
  for (const goal of ['upgrade', 'rollback'] as const)
    test(`old or new wherever it is interrupted: ${goal} of ${kind.name}`, async (t) => {
      const counted = await prepare(t, kind, goal)
      counted.mortal.arm(0, 'fails')
      assert.equal(await attempt(counted.at, goal), null)
      const trees = [counted.before, counted.at.tree()]
      const points = counted.mortal.count()
      assert.ok(points > 10)
      const failures: string[] = []
      for (let point = 1; point <= points; point += whole ? 1 : kind.stride)
        for (const blow of ['dies', 'fails', 'fails late'] as const)
          await trial(t, kind, goal, [point, blow], trees).catch((thrown: unknown) =>
            failures.push(String(thrown)),
          )
      assert.deepEqual(failures, [])
      t.diagnostic(`${points} points`)
    })
