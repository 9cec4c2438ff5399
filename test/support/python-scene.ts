import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { PythonStatus, UpdateManagerPythonOptions } from '../../src/contract/generated/types.js'
import { plainChange } from '../../src/engine/change.js'
import { createCommands } from '../../src/system/commands.js'
import { makeEngine, type Bench, type Overrides } from './engine.js'
import { temporaryFolder } from './folder.js'
import { serveIndex, type PackageIndex } from './package-index.js'
import { installWheel, makeVirtualenv, runScript } from './virtualenv.js'
import type { TestWheel } from './wheels.js'

export const appOf = (version: string, more: Partial<TestWheel> = {}): TestWheel => ({
  name: 'toyapp',
  version,
  metadata: [
    'Project-URL: Repository, https://github.com/owner/toyapp',
    'Project-URL: changelog, https://example.org/changes',
  ],
  releaseInfo: { git_version: `v${version}-0-gabcdef12`, commit_sha: 'abcdef12'.repeat(5) },
  ...more,
})

export const pythonOptions = (
  virtualenv: string,
  overrides: Partial<UpdateManagerPythonOptions> = {},
): UpdateManagerPythonOptions => ({
  type: 'python',
  channel: 'stable',
  report_anomalies: true,
  info_tags: [],
  virtualenv,
  is_system_service: false,
  managed_services: [],
  project_name: 'toyapp',
  ...overrides,
})

/** Commands with pip's own settings: this index and no other, and nothing of the user's. */
export const pipCommands = (
  index: string,
  env: Readonly<Record<string, string>> = {},
): ReturnType<typeof createCommands> =>
  createCommands({
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      PIP_CONFIG_FILE: '/dev/null',
      PIP_INDEX_URL: index,
      PIP_NO_CACHE_DIR: '1',
      PIP_RETRIES: '0',
      ...env,
    },
    kill: (pid, signal) => process.kill(pid, signal),
  })

export interface PythonScene {
  readonly bench: Bench
  readonly index: PackageIndex
  readonly folder: string
  readonly virtualenv: string
  /** Where versions are kept. */
  readonly hold: string
  readonly options: UpdateManagerPythonOptions
  readonly status: () => PythonStatus
  readonly messages: () => readonly string[]
  /** What the application's command says. */
  readonly runs: () => string | null
}

export interface SceneOptions {
  readonly wheels?: readonly TestWheel[]
  readonly options?: Partial<UpdateManagerPythonOptions>
  /** Puts something into the virtualenv. Default: version 1.0.0 of the application. */
  readonly install?: (virtualenv: string) => void
  readonly env?: Readonly<Record<string, string>>
  readonly overrides?: Overrides
}

export const wheels: readonly TestWheel[] = [
  appOf('1.0.0'),
  appOf('1.1.0', { requires: ['toylib>=1'] }),
  appOf('2.0.0b1'),
  { name: 'toylib', version: '1.5' },
]

/** An engine that manages one application at 1.0.0, whose index has 1.1.0. */
export const pythonScene = async (t: TestContext, given: SceneOptions = {}): Promise<PythonScene> => {
  const folder = await temporaryFolder(t)
  const virtualenv = path.join(folder, 'venv')
  mkdirSync(folder, { recursive: true })
  makeVirtualenv(virtualenv)
  const install = given.install ?? ((target: string) => installWheel(target, appOf('1.0.0')))
  install(virtualenv)
  const index = await serveIndex(t, given.wheels ?? wheels)
  const options = pythonOptions(virtualenv, given.options)
  const commands = await pipCommands(index.url, given.env)
  const bench = await makeEngine(folder, { app: options }, { commands, ...given.overrides })
  t.after(() => bench.engine.stop())
  return {
    bench,
    index,
    folder,
    virtualenv,
    hold: path.join(folder, '.moonkeeper/app'),
    options,
    status: () => bench.engine.status().value.version_info['app'] as PythonStatus,
    messages: () => bench.lines.map(({ message }) => message),
    runs: () => runScript(virtualenv, 'toyapp'),
  }
}

/** An upgrade or a rollback to a version, as it is asked for. */
export const goTo = async (
  { bench }: PythonScene,
  goal: 'upgrade' | 'rollback' | 'recover',
  more: Partial<ReturnType<typeof plainChange>> = {},
): Promise<void> => {
  await bench.engine.change({ ...plainChange(goal, ['app'], 'test'), ...more })
}

/** The names of what is kept. */
export const heldIn = ({ hold }: PythonScene): readonly string[] =>
  existsSync(hold) ? readdirSync(hold).sort() : []

/** What was prepared, and temporary files. */
export const stagedIn = (dataFolder: string): readonly string[] => {
  const store = path.join(dataFolder, 'python/app')
  return existsSync(store) ? readdirSync(store).sort() : []
}

/** No journal, no work folder, nothing staged, and no leftovers of pip. */
export const nothingLeft = ({
  bench,
  virtualenv,
  hold,
}: Pick<PythonScene, 'virtualenv' | 'hold'> & { readonly bench: { readonly dataFolder: string } }): void => {
  for (const name of ['journal.json', 'work'])
    assert.equal(existsSync(path.join(bench.dataFolder, name)), false, name)
  assert.deepEqual(stagedIn(bench.dataFolder), [])
  const below = readdirSync(virtualenv, { recursive: true, encoding: 'utf8' })
  assert.deepEqual(
    below.filter((name) => path.basename(name).startsWith('~')),
    [],
  )
  const held = existsSync(hold) ? readdirSync(hold) : []
  assert.deepEqual(
    held.filter((name) => !/^kept-\d+$/.test(name)),
    [],
  )
}
