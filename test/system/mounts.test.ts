import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mountPointsIn } from '../../src/system/mounts.js'
import { systemFiles } from '../../src/system/files.js'

const lines = [
  '22 1 8:1 / / rw - ext4 /dev/a rw',
  '23 22 8:1 /x /home/pi/my\\040app rw,noatime shared:1 - ext4 /dev/a rw',
  '24 22 0:5 / /home/pi/my\\040app/in/side rw - tmpfs tmpfs rw',
  '25 22 0:6 / /home/pi/my\\040application rw - tmpfs tmpfs rw',
  '',
].join('\n')

test('mount points at and below a folder are found, not those of a like name', async () => {
  const files = { readText: async () => lines }
  assert.deepEqual(await mountPointsIn('/home/pi/my app', files), [
    '/home/pi/my app',
    '/home/pi/my app/in/side',
  ])
  assert.deepEqual(await mountPointsIn('/home/pi/other', files), [])
  assert.deepEqual(await mountPointsIn('/home', { readText: async () => null }), [])
})

test('the kernel of this machine tells its own', async () => {
  assert.ok((await mountPointsIn('/proc', systemFiles)).includes('/proc'))
})
