import assert from 'node:assert/strict'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryFolder } from '../../support/folder.js'
import { makePythonRepository, noteOrigin, type PythonRepository } from '../../support/python-repository.js'
import {
  goTo,
  nothingLeft,
  pythonScene,
  type PythonScene,
  type SceneOptions,
} from '../../support/python-scene.js'
import { installWheel, sitePackagesOf, treeOf } from '../../support/virtualenv.js'
import { readFileSync } from 'node:fs'

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
