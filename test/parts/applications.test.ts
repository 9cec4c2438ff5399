import assert from 'node:assert/strict'
import { chmod } from 'node:fs/promises'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { Restarts } from '../../src/engine/restarts.js'
import { recordOf } from '../../src/engine/transaction.js'
import {
  applicationsFor,
  rebuildUpdater,
  type ApplicationSurroundings,
} from '../../src/parts/applications.js'
import { Forges } from '../../src/parts/forges.js'
import { Notices } from '../../src/parts/notices.js'
import type { Printer } from '../../src/klippy/printer.js'
import { systemClock } from '../../src/system/clock.js'
import { systemFiles } from '../../src/system/files.js'
import { systemHttp } from '../../src/system/http.js'
import type { Json } from '../../src/updaters/contract.js'
import { unknownState } from '../../src/updaters/git_repo/state.js'
import { targetOf } from '../../src/updaters/git_repo/target.js'
import { configScene } from '../support/config.js'
import { calmServices } from '../support/services.js'
import { gitOptions, realSurroundings, silentLog } from '../support/surroundings.js'

const commit = (digit: number): string => String(digit).repeat(40)

/** What applications are made of, with their data in a folder. */
const surroundingsIn = async (dataFolder: string): Promise<ApplicationSurroundings> => {
  const updater = await realSurroundings(dataFolder)
  const outside = { clock: systemClock, files: systemFiles, log: silentLog, folder: dataFolder }
  const restarts = new Restarts({
    ...outside,
    services: calmServices,
    isPrinting: () => false,
    isKnown: () => true,
  })
  const forges = new Forges({ ...outside, http: systemHttp, dataFolder, env: {} })
  return { updater, forges, notices: new Notices(), restarts, files: systemFiles, dataFolder }
}

/** An upgrade from the fourth commit to the fifth that is past its commit, when three versions are kept. */
const keptAfterCrash = async (t: TestContext, configuration: string): Promise<number> => {
  const scene = await configScene(t, configuration, { 'app/.git/HEAD': 'ref: refs/heads/master\n' })
  const surroundings = await surroundingsIn(path.join(scene.data, 'moonkeeper'))
  const options = gitOptions(path.join(scene.home, 'app'), 'https://example.com/app.git')
  const goal = { kind: 'upgrade', version: null } as const
  const place = (digit: number) => ({ commit: commit(digit), branch: 'master', version: `v${digit}` })
  const ends = [place(4), place(5)] as const
  const saved = {
    ...unknownState(),
    kept: [place(3), place(2), place(1)],
    target: targetOf(...ends, commit(4), 'stamp'),
  } as unknown as Json
  const record = recordOf({ name: 'app', type: 'git_repo', options: options as unknown as Json }, goal, saved)
  const rebuilt = rebuildUpdater(record, await scene.load(), surroundings)
  rebuilt?.restore(saved)
  return (rebuilt?.plan(goal).outcome as unknown as { kept: unknown[] }).kept.length
}

const section = [
  '[update_manager app]',
  'type: git_repo',
  'path: ~/app',
  'origin: https://example.com/app.git',
  'is_system_service: False',
  '',
].join('\n')

const cases: readonly (readonly [what: string, configuration: string, kept: number])[] = [
  ['for all', `${section}[moonkeeper]\ngenerations: 2\n`, 2],
  ['for the application', `${section}[moonkeeper]\ngenerations: 2\n[moonkeeper app]\ngenerations: 1\n`, 1],
  ['by default', section, 3],
  // Its own section may say more than the one for all: none goes.
  ['for an application that is not there', '[moonkeeper]\ngenerations: 2\n', 4],
]

for (const [what, configuration, kept] of cases) {
  test(`what a crash past the commit leaves is trimmed as configured ${what}`, async (t) => {
    assert.equal(await keptAfterCrash(t, configuration), kept)
  })
}

/** What is known of the virtualenv of Klipper, which says where it runs from. */
const virtualenvOfKlipper = async (
  t: TestContext,
  configuration: string,
  executable: string,
): Promise<unknown> => {
  const files = { 'k/.git/HEAD': '', 'env/bin/activate': '', 'env/bin/python': '' }
  const scene = await configScene(t, configuration, files)
  await chmod(path.join(scene.home, 'env/bin/python'), 0o755)
  const install = { path: path.join(scene.home, 'k'), executable: path.resolve(scene.home, executable) }
  const printer = { install } as unknown as Printer
  const surroundings = await surroundingsIn(path.join(scene.data, 'moonkeeper'))
  const applications = await applicationsFor(await scene.load(), printer, surroundings)
  const klipper = applications.find(({ name }) => name === 'klipper')
  assert.ok(klipper)
  const { virtualenv } = klipper.settings.options as { readonly virtualenv?: string }
  return virtualenv === undefined ? null : path.relative(scene.home, virtualenv)
}

test("Klipper's Python packages are looked after in the virtualenv that it runs from", async (t) => {
  for (const configuration of [
    '',
    '[update_manager klipper]\npath: ~/k\n',
    '[update_manager klipper]\npath: ~/k\nenv: ~/env/bin/python\n',
  ])
    assert.equal(await virtualenvOfKlipper(t, configuration, 'env/bin/python'), 'env', configuration)
  assert.equal(await virtualenvOfKlipper(t, '', '/usr/bin/python3'), null, 'that is the operating system’s')
})
