import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { readVirtualenv, virtualenvWarning } from '../../src/python/virtualenv.js'
import { systemFiles } from '../../src/system/files.js'
import type { PythonTools } from '../../src/python/virtualenv.js'
import { temporaryFolder } from '../support/folder.js'
import { realCommands } from '../support/surroundings.js'
import { makeBareVirtualenv, sitePackagesOf } from '../support/virtualenv.js'

const scene = async (t: TestContext): Promise<{ readonly folder: string; readonly tools: PythonTools }> => {
  const folder = path.join(await temporaryFolder(t), 'venv')
  return { folder, tools: { commands: await realCommands(), files: systemFiles } }
}

const pointTo = (folder: string, target: string): void => {
  unlinkSync(path.join(folder, 'bin/python3'))
  symlinkSync(target, path.join(folder, 'bin/python3'))
}

test('a virtualenv that works is seen without a word about it', async (t) => {
  const { folder, tools } = await scene(t)
  makeBareVirtualenv(folder)
  const found = await readVirtualenv(folder, tools)
  assert.equal(found?.problem, null)
  assert.equal(found.sitePackages, sitePackagesOf(folder))
  assert.equal(`python${found.madeFor}`, path.basename(path.dirname(found.sitePackages)))
})

test('where there is no virtualenv there is none', async (t) => {
  const { folder, tools } = await scene(t)
  assert.equal(await readVirtualenv(folder, tools), null)
  mkdirSync(folder)
  assert.equal(await readVirtualenv(folder, tools), null)
})

test('one whose interpreter was removed names it', async (t) => {
  const { folder, tools } = await scene(t)
  makeBareVirtualenv(folder)
  pointTo(folder, '/usr/bin/python3.1')
  const found = await readVirtualenv(folder, tools)
  assert.equal(found?.problem, 'its interpreter /usr/bin/python3.1 is gone')
  assert.match(virtualenvWarning(folder, found.problem), /python3\.1 is gone\. .* Recover the application/)
})

test('one whose interpreter is another version now says both', async (t) => {
  const { folder, tools } = await scene(t)
  makeBareVirtualenv(folder)
  const library = path.dirname(sitePackagesOf(folder))
  renameSync(library, path.join(folder, 'lib/python3.4'))
  const configuration = path.join(folder, 'pyvenv.cfg')
  writeFileSync(configuration, 'home = /usr/bin\nversion = 3.4.2\n')
  const found = await readVirtualenv(folder, tools)
  assert.match(
    found?.problem ?? '',
    /^it was made for Python 3\.4, and \/usr\/bin\/python3\.\d+ is Python 3\.\d+$/,
  )
})

test('one that has the interpreter as a copy is started, and told when that cannot be', async (t) => {
  const { folder, tools } = await scene(t)
  makeBareVirtualenv(folder)
  const python = path.join(folder, 'bin/python3')
  rmSync(python)
  writeFileSync(python, '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  const found = await readVirtualenv(folder, tools)
  assert.equal(found?.problem, `its interpreter ${python} cannot be started`)
})

test('links that go round in a ring are no interpreter', async (t) => {
  const { folder, tools } = await scene(t)
  makeBareVirtualenv(folder)
  pointTo(folder, 'python')
  assert.match((await readVirtualenv(folder, tools))?.problem ?? '', / is gone$/)
})
