import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import {
  listDistributions,
  parseMetadata,
  readDistribution,
  removeLeftovers,
} from '../../src/python/distributions.js'
import { requirementsOf, requirementOf } from '../../src/python/new-virtualenv.js'
import { systemFiles } from '../../src/system/files.js'
import { temporaryFolder } from '../support/folder.js'
import { realCommands } from '../support/surroundings.js'
import { writeTree } from '../support/tree.js'
import { wheelFiles } from '../support/wheels.js'

const scene = async (t: TestContext): Promise<string> => {
  const packages = await temporaryFolder(t)
  writeTree(
    packages,
    wheelFiles({
      name: 'Toy-App',
      version: '1.2.0',
      metadata: ['Project-URL: changelog, https://example.org/log', 'Project-URL: repository, https://x'],
      releaseInfo: { commit_sha: 'abc' },
    }),
  )
  writeTree(packages, wheelFiles({ name: 'six', version: '1.16.0' }))
  return packages
}

test('what is installed is listed by the names of folders', async (t) => {
  const packages = await scene(t)
  writeTree(packages, {
    'old_lib-2.0.post1-py3.11.egg-info': 'Name: old_lib',
    '~ix-1.15.0.dist-info/METADATA': '',
    'two-2b-3.0.dist-info/METADATA': '',
    'half-1.0.dist-info/INSTALLER': '',
    'old-1.0.egg-info/PKG-INFO': '',
  })
  const found = await listDistributions(packages, systemFiles)
  assert.deepEqual(
    found.map(({ name, version }) => [name, version]),
    [
      ['old', '1.0'],
      ['old_lib', '2.0.post1'],
      ['six', '1.16.0'],
      ['toy_app', '1.2.0'],
      ['two-2b', '3.0'],
    ],
  )
})

test('a package is found by any spelling, with all that it tells of itself', async (t) => {
  const packages = await scene(t)
  for (const name of ['Toy-App', 'toy_app', 'TOY.app']) {
    const found = await readDistribution(packages, name, systemFiles)
    assert.equal(found?.name, 'Toy-App')
    assert.equal(found.version, '1.2.0')
    assert.deepEqual(found.metadata.get('project-url'), [
      'changelog, https://example.org/log',
      'repository, https://x',
    ])
    assert.deepEqual(found.releaseInfo, { commit_sha: 'abc' })
    assert.equal(found.directUrl, null)
    assert.ok(found.files.includes('toy_app/__init__.py'))
  }
  assert.equal(await readDistribution(packages, 'toy', systemFiles), null)
})

test('what was removed half does not count', async (t) => {
  const packages = await temporaryFolder(t)
  mkdirSync(path.join(packages, 'toy-1.0.dist-info'))
  assert.equal(await readDistribution(packages, 'toy', systemFiles), null)
})

test('a record that leads out of the packages is not followed', async (t) => {
  const packages = await scene(t)
  writeTree(packages, {
    'six-1.16.0.dist-info/RECORD': '../release_info,,\n/etc/release_info,,\n"six/a,""b"".py",,\n',
    '../release_info': '{"commit_sha":"outside"}',
  })
  t.after(() => systemFiles.remove(path.join(packages, '../release_info')))
  const found = await readDistribution(packages, 'six', systemFiles)
  assert.equal(found?.releaseInfo, null)
  assert.equal(found.files[2], 'six/a,"b".py')
})

test('metadata ends at the empty line, and folded lines are one', () => {
  const fields = parseMetadata('Name: a\r\nSummary: one\r\n two\r\n\r\nVersion: 9\r\n')
  assert.deepEqual([...fields.keys()], ['name', 'summary'])
  assert.deepEqual(fields.get('summary'), ['one two'])
})

test('what a killed pip left is removed, and nothing else', async (t) => {
  const packages = await scene(t)
  const before = readdirSync(packages)
  mkdirSync(path.join(packages, '~ix'))
  writeFileSync(path.join(packages, '~ix/__init__.py'), '')
  mkdirSync(path.join(packages, '~ix-1.15.0.dist-info'))
  assert.deepEqual(await removeLeftovers(packages, systemFiles), ['~ix', '~ix-1.15.0.dist-info'])
  assert.deepEqual(readdirSync(packages), before)
  assert.ok(existsSync(path.join(packages, 'six')))
})

test('what is installed can be asked for again, from where it came', async (t) => {
  const packages = await scene(t)
  const tools = { commands: await realCommands(), files: systemFiles }
  assert.deepEqual(await requirementsOf(packages, tools), ['six==1.16.0', 'Toy-App==1.2.0'])
  const from = (directUrl: object): string =>
    requirementOf({ name: 'a', version: '1', directUrl: directUrl as Readonly<Record<string, unknown>> })
  const git = { url: 'https://github.com/o/a', vcs_info: { vcs: 'git', commit_id: 'abc' } }
  assert.equal(from(git), 'a @ git+https://github.com/o/a@abc')
  assert.equal(from({ url: 'file:///a', dir_info: { editable: true } }), '-e file:///a')
  assert.equal(from({ url: 'https://x/a.whl', archive_info: {} }), 'a @ https://x/a.whl')
})
