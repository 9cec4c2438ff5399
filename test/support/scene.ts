import assert from 'node:assert/strict'
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import type { ApplicationPlan, Plan } from '../../src/contract/generated/types.js'
import { plainChange } from '../../src/engine/change.js'
import type { PlanQuestion } from '../../src/engine/engine.js'
import type { GitRepoOptions } from '../../src/updaters/git_repo/options.js'
import { makeEngine, type Bench, type Overrides } from './engine.js'
import { temporaryFolder } from './folder.js'
import { checkoutAt, git, makeUpstream, type Upstream } from './repositories.js'
import { gitOptions } from './surroundings.js'

export interface Scene {
  readonly bench: Bench
  readonly upstream: Upstream
  readonly app: string
  readonly folder: string
}

/** An engine that manages one checkout at v1.0.0, three commits behind. */
export const scene = async (
  t: TestContext,
  prepare: (app: string, upstream: Upstream) => void = () => {},
  outside: Overrides = {},
  options: Partial<GitRepoOptions> = {},
): Promise<Scene> => {
  const folder = await temporaryFolder(t)
  const upstream = makeUpstream(folder)
  const app = checkoutAt(upstream, path.join(folder, 'app'), 'v1.0.0')
  prepare(app, upstream)
  const bench = await makeEngine(folder, { app: gitOptions(app, upstream.url, options) }, outside)
  t.after(() => bench.engine.stop())
  return { bench, upstream, app, folder }
}

export const nothingUnderWay = ({ bench, folder }: Scene): void => {
  assert.equal(existsSync(path.join(bench.dataFolder, 'journal.json')), false)
  assert.equal(existsSync(path.join(bench.dataFolder, 'work')), false)
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('.app')),
    [],
  )
}

export const tip = ({ upstream }: Scene): string => git(upstream.seed, 'rev-parse', 'master')

/** Everything that is kept of the user's work, by file name. */
export const kept = ({ bench }: Scene): readonly string[] => {
  const folder = path.join(bench.dataFolder, 'edits/app')
  return existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : []
}

/** An upgrade or a rollback to a version, as it is asked for. */
export const goTo = async (
  { bench }: Scene,
  goal: 'upgrade' | 'rollback',
  version: string | null,
  planHash: string | null = null,
): Promise<void> => {
  await bench.engine.change({ ...plainChange(goal, ['app'], 'test'), version, planHash })
}

/** What would happen to the application. */
export const planOf = async (
  { bench }: Pick<Scene, 'bench'>,
  goal: PlanQuestion['goal'],
  more: Partial<PlanQuestion> = {},
): Promise<{ readonly plan: Plan; readonly app: ApplicationPlan }> => {
  const question = { goal, names: ['app'], version: null, hard: false, check: 'all', ...more } as const
  const plan = await bench.engine.plan(question)
  const [app] = plan.applications
  assert.ok(app)
  return { plan, app }
}

/** To an older version: what was shown is agreed to. */
export const goBackTo = async (at: Scene, version: string): Promise<void> => {
  const { plan } = await planOf(at, 'upgrade', { version })
  await goTo(at, 'upgrade', version, plan.hash)
}

/** The error that something is refused with. */
export const refusal = async (work: () => Promise<unknown>, what = 'it'): Promise<MoonkeeperError> => {
  try {
    await work()
  } catch (thrown) {
    assert.ok(thrown instanceof MoonkeeperError, String(thrown))
    return thrown
  }
  return assert.fail(`${what} was not refused`)
}

/** Every file below a folder, byte for byte, with its mode; what a fetch may bring is left out. */
export const filesOf = (folder: string): Readonly<Record<string, string>> => {
  const fetched = /^\.git\/(?:objects|refs\/remotes|refs\/tags|logs\/refs\/remotes|FETCH_HEAD)(?:\/|$)/
  const found: Record<string, string> = {}
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name)
    const name = path.relative(folder, file)
    if (fetched.test(name) || entry.isDirectory()) continue
    const stat = lstatSync(file)
    found[name] = `${stat.mode} ${stat.mtimeMs} ${readFileSync(file).toString('base64')}`
  }
  return found
}

/** Commits that the repository keeps, and those that the state on the disk names; both sorted. */
export const keptOf = ({ app, bench }: Scene): { readonly refs: string[]; readonly state: string[] } => {
  const refs = git(app, 'for-each-ref', '--format=%(refname:lstrip=4)', 'refs/moonkeeper/app/kept')
  const { kept } = bench.application('app').updater.saved() as unknown as { kept: { commit: string }[] }
  return {
    refs: refs.split('\n').filter((name) => name !== ''),
    state: kept.map(({ commit }) => commit).sort(),
  }
}

/** The remote is gone. */
export const cutOff = ({ upstream }: Scene): void => rmSync(upstream.url, { recursive: true })
