import assert from 'node:assert/strict'
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { systemFiles as files } from '../../src/system/files.js'
import { temporaryFolder } from '../support/folder.js'

test('a file is replaced whole, and nothing is left beside it', async (t) => {
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'a.json')
  await files.writeText(file, 'one')
  writeFileSync(path.join(folder, '.a.json.moonkeeper-tmp'), 'half written before a ki')
  await files.writeText(file, 'two')
  assert.equal(await files.readText(file), 'two')
  assert.deepEqual(readdirSync(folder), ['a.json'])
})

test('what is not there reads as null and is removed without complaint', async (t) => {
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'no/such')
  assert.equal(await files.readText(file), null)
  assert.equal(await files.readContent(file), null)
  assert.equal(await files.stat(file), null)
  assert.deepEqual(await files.list(file), [])
  await files.remove(file)
})

test('a copy has content, mode and times; a symlink stays one', async (t) => {
  const folder = await temporaryFolder(t)
  writeFileSync(path.join(folder, 'run.sh'), 'x', { mode: 0o755 })
  utimesSync(path.join(folder, 'run.sh'), 1_700_000_000, 1_700_000_001)
  symlinkSync('nowhere', path.join(folder, 'link'))
  await files.copyEntry(path.join(folder, 'run.sh'), path.join(folder, 'deep/er/run.sh'))
  await files.copyEntry(path.join(folder, 'link'), path.join(folder, 'deep/link'))
  const [from, to] = [lstatSync(path.join(folder, 'run.sh')), lstatSync(path.join(folder, 'deep/er/run.sh'))]
  assert.deepEqual([to.mode, Math.trunc(to.mtimeMs)], [from.mode, Math.trunc(from.mtimeMs)])
  assert.equal(readlinkSync(path.join(folder, 'deep/link')), 'nowhere')
  writeFileSync(path.join(folder, 'real'), 'content')
  await files.copyEntry(path.join(folder, 'real'), path.join(folder, 'deep/link'))
  assert.equal(readFileSync(path.join(folder, 'deep/link'), 'utf8'), 'content')
})

test('removing a symlink leaves what it leads to', async (t) => {
  const folder = await temporaryFolder(t)
  mkdirSync(path.join(folder, 'real'))
  writeFileSync(path.join(folder, 'real/file'), 'x')
  symlinkSync('real', path.join(folder, 'link'))
  await files.remove(path.join(folder, 'link'))
  assert.deepEqual(readdirSync(folder), ['real'])
  assert.deepEqual(readdirSync(path.join(folder, 'real')), ['file'])
})

test('empty folders go up to a limit, full ones stay', async (t) => {
  const folder = await temporaryFolder(t)
  mkdirSync(path.join(folder, 'a/b/c'), { recursive: true })
  writeFileSync(path.join(folder, 'a/keep'), '')
  await files.removeEmptyFolders(path.join(folder, 'a/b/c'), folder)
  assert.deepEqual(readdirSync(path.join(folder, 'a')), ['keep'])
  await files.remove(path.join(folder, 'a/keep'))
  await files.removeEmptyFolders(path.join(folder, 'a'), folder)
  assert.deepEqual(readdirSync(folder), [])
})

test('a full disk names the file that could not be written', async (t) => {
  const full = '/dev/full'
  if ((await files.stat(full)) === null) return t.skip('no /dev/full here')
  const folder = await temporaryFolder(t)
  // What is written beside the target before it gets its name.
  symlinkSync(full, path.join(folder, '.a.json.moonkeeper-tmp'))
  await assert.rejects(files.writeText(path.join(folder, 'a.json'), 'x'), {
    code: 'ENOSPC',
    path: path.join(folder, '.a.json.moonkeeper-tmp'),
  })
})
