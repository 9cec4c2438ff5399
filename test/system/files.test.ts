import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
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

test('what is added stands at the end, and in a new file', async (t) => {
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'a.jsonl')
  await files.append(file, 'one\n')
  await files.append(file, Buffer.from([0xff, 0x0a]))
  assert.deepEqual(readFileSync(file), Buffer.from('one\n\xff\n', 'latin1'))
  await files.truncate(file, 3)
  assert.equal(readFileSync(file, 'utf8'), 'one')
})

test('what cannot be added names its file', async (t) => {
  if ((await files.stat('/dev/full')) === null) return t.skip('no /dev/full here')
  await assert.rejects(files.append('/dev/full', 'x'), { code: 'ENOSPC', path: '/dev/full' })
})

test('what can be added only in part is taken away again', async (t) => {
  const folder = await temporaryFolder(t)
  const file = path.join(folder, 'a.jsonl')
  writeFileSync(file, 'x'.repeat(1000))
  const module = path.resolve(import.meta.dirname, '../../src/system/files.js')
  const script = `const { systemFiles } = await import(${JSON.stringify(module)})
    await systemFiles.append(${JSON.stringify(file)}, 'y'.repeat(100)).catch(({ code }) => console.log(code))`
  // No file of this child can grow beyond 1024 bytes: the write ends in the middle.
  const limited = 'ulimit -f 2; exec "$0" --input-type=module -e "$1"'
  const { stdout } = spawnSync('sh', ['-c', limited, process.execPath, script], { encoding: 'utf8' })
  assert.equal(stdout, 'EFBIG\n')
  assert.equal(readFileSync(file, 'utf8'), 'x'.repeat(1000))
})

test('a range is as long as there is something', async (t) => {
  const file = path.join(await temporaryFolder(t), 'a')
  const text = async (start: number, length: number): Promise<string> =>
    (await files.readRange(file, start, length)).toString('utf8')
  assert.equal(await text(0, 5), '')
  writeFileSync(file, '0123456789')
  assert.deepEqual([await text(2, 3), await text(8, 5), await text(20, 5)], ['234', '89', ''])
})

test('lines come one by one with their ends, whatever their length', async (t) => {
  const file = path.join(await temporaryFolder(t), 'a')
  const read = async (): Promise<string[]> => {
    const found: string[] = []
    for await (const line of files.lines(file)) found.push(line.toString('latin1'))
    return found
  }
  assert.deepEqual(await read(), [])
  const long = 'x'.repeat(200_000)
  const written = ['a\n', '\n', `${long}\n`, '\xff\r\n', 'no end']
  writeFileSync(file, written.join(''), 'latin1')
  assert.deepEqual(await read(), written)
  writeFileSync(file, `${'y'.repeat(3_000_000)}\nz\n`)
  const pieces = await read()
  assert.ok(pieces.every(({ length }) => length < 1_200_000))
  assert.equal(pieces.join(''), `${'y'.repeat(3_000_000)}\nz\n`)
  assert.equal(pieces.at(-1), 'z\n')
  for await (const line of files.lines(file)) {
    assert.ok(line.length > 0)
    break
  }
})
