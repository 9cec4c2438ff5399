import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { makeVirtualenv as makeNew, splitWords } from '../../src/python/new-virtualenv.js'
import { callPip, canReport, isOlderPip, pipVersion, runPip, type PipCall } from '../../src/python/pip.js'
import { changesOf, parseReport, resolvePackages } from '../../src/python/report.js'
import { readVirtualenv } from '../../src/python/virtualenv.js'
import { systemFiles } from '../../src/system/files.js'
import { temporaryFolder } from '../support/folder.js'
import { serveIndex, type PackageIndex } from '../support/package-index.js'
import { realCommands } from '../support/surroundings.js'
import { installWheel, makeVirtualenv, runScript } from '../support/virtualenv.js'
import type { TestWheel } from '../support/wheels.js'

const old: TestWheel = { name: 'toyapp', version: '1.0' }
const wheels: readonly TestWheel[] = [
  old,
  { name: 'toyapp', version: '2.0', requires: ['toylib>=1'] },
  { name: 'toyapp', version: '2.1', yanked: 'broken' },
  { name: 'toyapp', version: '3.0b1' },
  { name: 'toylib', version: '1.5' },
  { name: 'wants', version: '1.0', requires: ['nowhere'] },
]

interface Scene {
  readonly index: PackageIndex
  readonly folder: string
  readonly call: PipCall
}

const scene = async (t: TestContext): Promise<Scene> => {
  const above = await temporaryFolder(t)
  const folder = path.join(above, 'venv')
  makeVirtualenv(folder)
  installWheel(folder, old)
  const index = await serveIndex(t, wheels)
  const tools = { commands: await realCommands(), files: systemFiles }
  const virtualenv = await readVirtualenv(folder, tools)
  assert.ok(virtualenv !== null)
  const variables = { PIP_INDEX_URL: index.url, PIP_NO_CACHE_DIR: '1', PIP_RETRIES: '0' }
  const call = { virtualenv, tools, temporary: path.join(above, 'tmp'), variables, args: [] }
  return { index, folder, call }
}

test('what would be installed is told with its versions, and nothing is changed', async (t) => {
  const { folder, call } = await scene(t)
  const resolved = await resolvePackages('looking', { ...call, args: ['-U', 'toyapp'] })
  const shown = resolved.map(({ name, version, requested, sha256 }) => [
    name,
    version,
    requested,
    sha256?.length,
  ])
  assert.deepEqual(shown.sort(), [
    ['toyapp', '2.0', true, 64],
    ['toylib', '1.5', false, 64],
  ])
  const changes = await changesOf(resolved, call)
  assert.deepEqual(
    changes.map(({ name, from, to }) => [name, from, to]),
    [
      ['toyapp', '1.0', '2.0'],
      ['toylib', null, '1.5'],
    ],
  )
  assert.equal(runScript(folder, 'toyapp'), 'toyapp 1.0')
  assert.equal(existsSync(call.temporary), false)
  assert.deepEqual(readdirSync(path.dirname(folder)), ['venv'])
})

test('what pip says comes line by line, and its temporary files go with the call', async (t) => {
  const { folder, call } = await scene(t)
  const lines: string[] = []
  const args = ['install', '-U', 'toyapp']
  await runPip('installing', { ...call, args, onLine: (line) => lines.push(line) })
  assert.equal(lines[0], `Looking in indexes: ${call.variables?.['PIP_INDEX_URL']}`)
  assert.match(lines[1] ?? '', /^Requirement already satisfied: toyapp in \.\/venv\/lib\/.* \(1\.0\)$/)
  assert.equal(lines.at(-1), 'Successfully installed toyapp-2.0 toylib-1.5')
  assert.equal(runScript(folder, 'toyapp'), 'toyapp 2.0')
  assert.equal(existsSync(call.temporary), false)
})

const refusals: readonly (readonly [string, (index: PackageIndex) => void, string, RegExp])[] = [
  ['a file that is not what its digest says', (index) => (index.fault = 'corrupt'), 'toyapp', /HASHES/],
  ['what cannot be satisfied', () => undefined, 'wants', /nowhere/],
  ['what the index does not have', () => undefined, 'unknown-app', /unknown-app/],
]

for (const [what, prepare, wanted, reason] of refusals)
  test(`${what} is an error with pip's own words`, async (t) => {
    const { index, folder, call } = await scene(t)
    prepare(index)
    await assert.rejects(runPip(`Installing ${wanted}`, { ...call, args: ['install', '-U', wanted] }), {
      kind: 'command_failed',
      message: reason,
    })
    assert.equal(runScript(folder, 'toyapp'), 'toyapp 1.0')
  })

test('a call that is ended leaves no temporary files', async (t) => {
  const { index, call } = await scene(t)
  const stopping = new AbortController()
  index.fault = 'stalled'
  index.beforeFile = () => stopping.abort(new Error('enough'))
  const args = ['install', '-U', 'toyapp']
  const work = runPip('installing', { ...call, args, signal: stopping.signal })
  await assert.rejects(work, { message: 'enough' })
  assert.equal(existsSync(call.temporary), false)
})

test('pip says success when the index cannot be reached', async (t) => {
  const { index, folder, call } = await scene(t)
  index.fault = 'broken'
  const result = await callPip({ ...call, args: ['install', '-U', 'toyapp'] })
  assert.equal(result.code, 0)
  assert.equal(runScript(folder, 'toyapp'), 'toyapp 1.0')
})

test('a virtualenv whose interpreter is gone is not tried', async (t) => {
  const { call } = await scene(t)
  const virtualenv = { ...call.virtualenv, problem: 'its interpreter /x is gone' }
  await assert.rejects(runPip('x', { ...call, virtualenv, args: ['list'] }), {
    message: /cannot be used: its interpreter \/x is gone\. Recover the application/,
  })
})

test('the version of pip is known without starting it', async (t) => {
  const { call } = await scene(t)
  const said = (await runPip('asking', { ...call, args: ['--version'] })).stdout.toString()
  assert.ok(said.startsWith(`pip ${await pipVersion(call.virtualenv, call.tools)} from`))
})

test('versions of pip are compared by their numbers', () => {
  assert.equal(isOlderPip('9.0.3', '22.2'), true)
  assert.equal(isOlderPip('22.2', '22.2'), false)
  assert.equal(isOlderPip('25.0.1', '25.2'), true)
  assert.equal(isOlderPip('25', '24.9'), false)
  assert.equal(canReport('22.1.2'), false)
  assert.equal(canReport('22.2.2'), true)
  assert.equal(canReport(null), false)
})

test('a report that is not understood is no empty one', () => {
  for (const text of ['', '{}', '{"version":"2","install":[]}', '{"version":"1","install":[{}]}'])
    assert.throws(() => parseReport(text), { message: /not understood/ })
  assert.deepEqual(parseReport('{"version":"1","install":[]}'), [])
})

test('a repository is told with its commit', () => {
  const item = {
    metadata: { name: 'a', version: '1' },
    download_info: { url: 'https://x/a', vcs_info: { vcs: 'git', commit_id: 'abc' } },
  }
  const [found] = parseReport(JSON.stringify({ version: '1', install: [item] }))
  assert.deepEqual([found?.url, found?.commit], ['git+https://x/a', 'abc'])
})

test('a virtualenv is made with pip in it', async (t) => {
  const above = await temporaryFolder(t)
  const tools = { commands: await realCommands(), files: systemFiles }
  const folder = path.join(above, 'new')
  await makeNew(
    { folder, args: '-p /usr/bin/python3 --always-copy', temporary: path.join(above, 'tmp') },
    tools,
  )
  const made = await readVirtualenv(folder, tools)
  assert.equal(made?.problem, null)
  assert.notEqual(await pipVersion(made, tools), null)
  assert.deepEqual(readdirSync(above), ['new'])
})

test('one that cannot be made says why', async (t) => {
  const above = await temporaryFolder(t)
  const tools = { commands: await realCommands(), files: systemFiles }
  const wanted = { folder: path.join(above, 'new'), temporary: path.join(above, 'tmp') }
  await assert.rejects(makeNew({ ...wanted, args: '-p python0' }, tools), /python0/)
  await assert.rejects(makeNew({ ...wanted, args: '--creator x' }, tools), /apt install python3-virtualenv/)
})

test('arguments are split as a shell does it', () => {
  assert.deepEqual(splitWords(`-p "a b" --x='c d' e\\ f ''`), ['-p', 'a b', '--x=c d', 'e f', ''])
})
