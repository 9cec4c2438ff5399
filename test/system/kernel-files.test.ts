import assert from 'node:assert/strict'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { kernelFiles } from '../../src/system/kernel-files.js'
import { temporaryFolder } from '../support/folder.js'

test('a file is read anew every time, whatever its size, and kept open', async (t) => {
  const file = path.join(await temporaryFolder(t), 'file')
  const open = kernelFiles.open(file)
  assert.equal(open.read(), null)
  for (const text of ['one', 'x'.repeat(20_000), '', 'two']) {
    writeFileSync(file, text)
    assert.equal(open.read(), text)
  }
  const before = readdirSync('/proc/self/fd').length
  for (let round = 0; round < 10; round += 1) open.read()
  assert.equal(readdirSync('/proc/self/fd').length, before)
  open.close()
  assert.equal(readdirSync('/proc/self/fd').length, before - 1)
})

test('the kernel gives new figures at every read', () => {
  const uuid = kernelFiles.open('/proc/sys/kernel/random/uuid')
  const first = uuid.read()
  assert.notEqual(first, null)
  assert.notEqual(uuid.read(), first)
  uuid.close()
  const devices = kernelFiles.open('/proc/net/dev')
  assert.match(devices.read() ?? '', /\blo:/)
  devices.close()
})

test('what is no file, and a device that does not answer, is null, and may be there later', async (t) => {
  const folder = await temporaryFolder(t)
  assert.equal(kernelFiles.open(folder).read(), null)
  const file = path.join(folder, 'file')
  const open = kernelFiles.open(file)
  assert.equal(open.read(), null)
  writeFileSync(file, 'there')
  assert.equal(open.read(), 'there')
  open.close()
  rmSync(file)
  assert.equal(open.read(), null)
})
