import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { PythonStatus, UpdateManagerPythonOptions } from '../../../src/contract/generated/types.js'
import { PythonUpdater } from '../../../src/updaters/python/index.js'
import { temporaryFolder } from '../../support/folder.js'
import { noteOrigin } from '../../support/python-repository.js'
import { appOf, pythonOptions } from '../../support/python-scene.js'
import { realSurroundings } from '../../support/surroundings.js'
import { writeTree } from '../../support/tree.js'
import { installWheel, makeVirtualenv, sitePackagesOf } from '../../support/virtualenv.js'
import type { TestWheel } from '../../support/wheels.js'

/** What is told of an install that nobody asked a remote about. */
const statusOf = async (
  t: TestContext,
  wheel: TestWheel | null,
  options: Partial<UpdateManagerPythonOptions> = {},
  prepare: (virtualenv: string) => void = () => undefined,
): Promise<PythonStatus> => {
  const folder = await temporaryFolder(t)
  const virtualenv = `${folder}/venv`
  makeVirtualenv(virtualenv)
  if (wheel !== null) installWheel(virtualenv, wheel)
  prepare(virtualenv)
  const outside = await realSurroundings(`${folder}/data`)
  const updater = new PythonUpdater('app', pythonOptions(virtualenv, options), outside)
  assert.equal(updater.status(), null)
  await updater.inspect({ remote: false, signal: new AbortController().signal })
  return updater.status() as PythonStatus
}

test('everything that an install tells of itself is told', async (t) => {
  const wheel = appOf('1.0.0', { name: 'Toy.App' })
  const status = await statusOf(t, wheel, { project_name: 'toy_app[web, x]', info_tags: ['a=b'] })
  assert.deepEqual(status, {
    channel: 'stable',
    debug_enabled: false,
    channel_invalid: false,
    is_valid: true,
    configured_type: 'python',
    info_tags: ['a=b'],
    detected_type: 'python_package',
    name: 'app',
    branch: null,
    owner: 'owner',
    repo_name: 'toyapp',
    version: '1.0.0',
    remote_version: '?',
    rollback_version: '?',
    current_hash: 'abcdef12'.repeat(5),
    remote_hash: '?',
    is_dirty: false,
    changelog_url: 'https://example.org/changes',
    full_version_string: '1.0.0',
    pristine: true,
    warnings: [],
    anomalies: [],
  })
})

test('addresses of release_info go before those of the metadata', async (t) => {
  const urls = { Repository: 'https://www.github.com/other/place.git', ChangeLog: 'https://here' }
  const status = await statusOf(t, appOf('1.0.0', { releaseInfo: { urls } }))
  assert.deepEqual(
    [status.owner, status.repo_name, status.changelog_url, status.current_hash],
    ['other', 'place', 'https://here', 'not-specified'],
  )
})

test('what was built of edited files is dirty', async (t) => {
  const described = { git_version: 'v1.0.0-3-gabcdef12-dirty' }
  const status = await statusOf(t, appOf('1.0.1.dev3', { releaseInfo: described }))
  assert.deepEqual(
    [status.is_dirty, status.pristine, status.version, status.full_version_string],
    [true, false, '1.0.1-3', '1.0.1.dev3'],
  )
})

const origins: readonly (readonly [string, object, RegExp])[] = [
  [
    'a folder',
    { url: 'file:///home/me/app', dir_info: { editable: true } },
    /^Package installed from source other than pypi or git: \{'url': 'file:\/\/\/home\/me\/app', 'dir_info': \{'editable': True\}\}$/,
  ],
  [
    'a repository without a commit',
    { url: 'https://x', vcs_info: { vcs: 'git' } },
    /^Failed to retrieve direct_url/,
  ],
  [
    'a repository elsewhere',
    { url: 'https://example.org/a.git', vcs_info: { vcs: 'git', commit_id: 'abc' } },
    /^Invalid repo url: https:\/\/example\.org\/a\.git$/,
  ],
]

for (const [what, origin, warning] of origins)
  test(`a package from ${what} cannot be updated, and says so`, async (t) => {
    const status = await statusOf(t, appOf('1.0.0'), {}, (virtualenv) =>
      writeTree(sitePackagesOf(virtualenv), {
        'toyapp-1.0.0.dist-info/direct_url.json': JSON.stringify(origin),
      }),
    )
    assert.equal(status.is_valid, false)
    assert.match(status.warnings.join('\n'), warning)
  })

test('a package from a repository has its commit', async (t) => {
  const commit = 'c0ffee00'.repeat(5)
  const status = await statusOf(t, appOf('1.0.0'), {}, (virtualenv) =>
    noteOrigin(virtualenv, '1.0.0', commit),
  )
  assert.deepEqual([status.current_hash, status.owner, status.is_valid], [commit, 'owner', true])
})

test('a package that is not there, or has no version, says so', async (t) => {
  const missing = await statusOf(t, null)
  assert.deepEqual([missing.version, missing.warnings], ['?', ['Failed to parse package info']])
  const odd = await statusOf(t, null, {}, (virtualenv) =>
    writeTree(sitePackagesOf(virtualenv), { 'toyapp-1.dist-info/METADATA': 'Name: toyapp\nVersion: one\n' }),
  )
  assert.deepEqual(
    [odd.version, odd.full_version_string, odd.warnings],
    ['?', 'one', ['Failed to parse package version']],
  )
})
