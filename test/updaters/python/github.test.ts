import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { createGitHub } from '../../../src/releases/github.js'
import { systemClock } from '../../../src/system/clock.js'
import { systemFiles } from '../../../src/system/files.js'
import { systemHttp } from '../../../src/system/http.js'
import { temporaryFolder } from '../../support/folder.js'
import { makePythonRepository, noteOrigin, type PythonRepository } from '../../support/python-repository.js'
import {
  goTo,
  nothingLeft,
  pythonScene,
  type PythonScene,
  type SceneOptions,
} from '../../support/python-scene.js'
import { serveForge } from '../../support/forge.js'
import { planOf, refusal } from '../../support/scene.js'
import { silentLog } from '../../support/surroundings.js'
import { installWheel, sitePackagesOf, treeOf } from '../../support/virtualenv.js'

interface Scene extends PythonScene {
  readonly repository: PythonRepository
  readonly commits: readonly [string, string]
}

/** Version 1.0.0 was installed from a repository that is at 1.1.0 by now. */
const scene = async (t: TestContext, given: SceneOptions = {}): Promise<Scene> => {
  const repository = makePythonRepository(await temporaryFolder(t))
  const commits = [
    repository.release('1.0.0'),
    repository.release('1.1.0', { requires: ['toylib'] }),
  ] as const
  const found = await pythonScene(t, {
    ...given,
    options: { channel: 'dev', primary_branch: 'master', ...given.options },
    env: repository.env,
    install: (virtualenv) => {
      installWheel(virtualenv, { name: 'toyapp', version: '1.0.0' })
      noteOrigin(virtualenv, '1.0.0', commits[0])
    },
  })
  return { ...found, repository, commits }
}

test('a package from a repository follows its branch', async (t) => {
  const at = await scene(t)
  const before = treeOf(at.virtualenv)
  const { version, remote_version, current_hash, remote_hash, owner, repo_name, branch } = at.status()
  assert.deepEqual(
    [version, remote_version, owner, repo_name, branch],
    ['1.0.0', 'v1.0.1-1', 'owner', 'toyapp', 'master'],
  )
  assert.deepEqual([current_hash, remote_hash], at.commits)
  await goTo(at, 'upgrade')
  assert.equal(at.runs(), 'toyapp 1.1.0')
  const after = at.status()
  assert.deepEqual(
    [after.version, after.current_hash, after.remote_hash],
    ['1.1.0', at.commits[1], at.commits[1]],
  )
  const info = path.join(sitePackagesOf(at.virtualenv), 'toyapp-1.1.0.dist-info')
  assert.deepEqual(JSON.parse(readFileSync(path.join(info, 'direct_url.json'), 'utf8')), {
    url: 'https://github.com/owner/toyapp',
    vcs_info: { vcs: 'git', commit_id: at.commits[1] },
  })
  assert.match(
    readFileSync(path.join(info, 'RECORD'), 'utf8'),
    /^toyapp-1\.1\.0\.dist-info\/direct_url\.json,sha256=/m,
  )
  nothingLeft(at)
  await goTo(at, 'rollback')
  assert.deepEqual(treeOf(at.virtualenv), before)
  assert.equal(at.status().remote_version, '1.1.0')
})

const releases = async (
  t: TestContext,
  channel: 'stable' | 'beta',
  tags: readonly { readonly tag: string; readonly prerelease?: boolean }[],
): Promise<Scene> => {
  const forge = await serveForge(
    t,
    'owner/toyapp',
    tags.map((release) => ({ ...release, assets: {} })),
  )
  const setup = { http: systemHttp, files: systemFiles, clock: systemClock, log: silentLog, env: {} }
  const dataFolder = await temporaryFolder(t)
  const overrides = { forge: createGitHub({ ...setup, dataFolder, apiUrl: forge.url }) }
  return scene(t, { options: { channel }, overrides })
}

test('on the stable channel it goes from release to release', async (t) => {
  const at = await releases(t, 'stable', [
    { tag: 'v1.2.0rc1', prerelease: true },
    { tag: 'v1.1.0' },
    { tag: 'v1.0.0' },
  ])
  assert.deepEqual([at.status().remote_version, at.status().remote_hash], ['v1.1.0', 'update-available'])
  const { app } = await planOf(at, 'upgrade')
  assert.deepEqual(
    app.python?.map(({ name, from, to }) => [name, from, to]),
    [
      ['toyapp', '1.0.0', '1.1.0'],
      ['toylib', null, '1.5'],
    ],
  )
  await goTo(at, 'upgrade')
  assert.equal(at.runs(), 'toyapp 1.1.0')
  const { version, remote_version, current_hash, remote_hash } = at.status()
  assert.deepEqual(
    [version, remote_version, current_hash, remote_hash],
    ['1.1.0', '1.1.0', at.commits[1], at.commits[1]],
  )
  await at.bench.engine.refresh('app')
  assert.equal(at.status().remote_version, '1.1.0')
  const { versions } = await at.bench.engine.versions('app', { limit: 9, offset: 0 })
  assert.deepEqual(
    versions.map(({ version: shown, current, kept }) => [shown, current, kept]),
    [
      ['v1.1.0', true, false],
      ['v1.0.0', false, true],
    ],
  )
})

test('a repository that is gone is told, and nothing is changed', async (t) => {
  const at = await scene(t)
  const before = treeOf(at.virtualenv)
  rmSync(at.repository.folder, { recursive: true })
  const { message } = await refusal(() => goTo(at, 'upgrade'))
  assert.match(message, /finding out what to install failed/)
  assert.deepEqual(treeOf(at.virtualenv), before)
  await at.bench.engine.refresh('app')
  assert.match(at.status().anomalies[0] ?? '', /https:\/\/github\.com\/owner\/toyapp could not be asked/)
  assert.equal(at.status().remote_hash, at.commits[1])
})

test('a branch that is gone is told by its name', async (t) => {
  const at = await scene(t, { options: { primary_branch: 'gone' } })
  assert.match(at.status().anomalies[0] ?? '', /it has no branch gone/)
  assert.deepEqual([at.status().is_valid, at.status().remote_version], [true, '?'])
})
