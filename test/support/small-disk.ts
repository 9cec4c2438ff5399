/* Runs in a mount namespace of its own: argv names an empty folder on a disk of one MiB, and one on a large disk. */
import assert from 'node:assert/strict'
import { mkdirSync, openSync, readFileSync, readdirSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { Database } from '../../src/database/database.js'
import { FileRoots } from '../../src/roots/file-roots.js'
import { systemClock } from '../../src/system/clock.js'
import { lockDataFolder } from '../../src/system/data-lock.js'
import { systemFiles } from '../../src/system/files.js'
import { createStaging } from '../../src/system/staged-file.js'
import { fakeLog } from './rpc.js'

const [small = '', large = ''] = process.argv.slice(2)
const config = path.join(small, 'config')
mkdirSync(config)
writeFileSync(path.join(config, 'printer.cfg'), 'old')
const half = Buffer.alloc(600 * 1024, 'x')

const rootsWith = async (stagingFolder: string): Promise<FileRoots> => {
  const staging = createStaging(stagingFolder)
  await staging.clear()
  return new FileRoots({
    roots: () => [{ name: 'config', path: config, writable: true }],
    gate: { reserved: () => [], managed: () => [] },
    staging,
    changed: () => undefined,
    logs: {},
    now: () => 0,
    largestUpload: () => 0,
  })
}

const upload = async (files: FileRoots, name: string): Promise<void> => {
  const staged = await files.stage()
  try {
    await staged.write(half)
    await staged.write(half)
    await staged.finish()
    await files.changes.upload(staged.path, 'config', name)
  } finally {
    await staged.discard()
  }
}

/** Nothing is lost, and nothing is left. */
const assertUntouched = (): void => {
  assert.deepEqual(readdirSync(config), ['printer.cfg'])
  assert.equal(readFileSync(path.join(config, 'printer.cfg'), 'utf8'), 'old')
}

const fullWhileStaging = await rootsWith(path.join(small, 'staging'))
await assert.rejects(upload(fullWhileStaging, 'printer.cfg'), { code: 'ENOSPC' })
assert.deepEqual(readdirSync(path.join(small, 'staging')), [])
assertUntouched()

// The rename leads to another file system: the copy does not fit there.
const otherDisk = await rootsWith(path.join(large, 'staging'))
await assert.rejects(upload(otherDisk, 'printer.cfg'), { kind: 'no_space', message: /config\/printer\.cfg/ })
await assert.rejects(upload(otherDisk, 'new.cfg'), { kind: 'no_space' })
assert.deepEqual(readdirSync(path.join(large, 'staging')), [])
assertUntouched()

writeFileSync(path.join(config, 'half.cfg'), half)
await assert.rejects(otherDisk.changes.copy('config/half.cfg', 'config/copy.cfg'), { kind: 'no_space' })
await assert.rejects(otherDisk.changes.zip('config/x.zip', ['config'], true), { kind: 'no_space' })
await otherDisk.changes.zip('config/x.zip', ['config'], false)
await otherDisk.changes.deleteFile('config/x.zip')
await otherDisk.changes.makeDirectory('config/folder')
await otherDisk.changes.move('config/half.cfg', 'config/folder')
await otherDisk.changes.deleteDirectory('config/folder', true)
assertUntouched()

const database = new Database({
  folder: path.join(small, 'database'),
  files: systemFiles,
  clock: systemClock,
  log: fakeLog(),
  warn: (text) => assert.fail(text),
})
await database.open()
const put = (key: string, value: string): Promise<void> =>
  database.change((transaction) => transaction.write('ns', key, value))
await put('a', 'kept')
await assert.rejects(put('b', 'x'.repeat(2 * 1024 * 1024)), { kind: 'no_space' })
await assert.rejects(put('a', 'x'.repeat(2 * 1024 * 1024)), { kind: 'no_space' })
await put('c', 'fits')
assert.deepEqual(database.entries('ns'), [
  ['a', 'kept'],
  ['c', 'fits'],
])

// Who is to make room must get in: without a free block, a daemon takes the place of one that was killed.
const data = path.join(small, 'data')
mkdirSync(data)
writeFileSync(path.join(data, 'lock'), '1 12\n')
const filler = openSync(path.join(small, 'filler'), 'w')
assert.throws(
  () => {
    for (;;) writeSync(filler, half)
  },
  { code: 'ENOSPC' },
)
const unlock = await lockDataFolder(data, process.pid, systemFiles)
await assert.rejects(lockDataFolder(data, process.ppid, systemFiles), { kind: 'busy' })
await unlock()
assert.deepEqual(readdirSync(data), [])
