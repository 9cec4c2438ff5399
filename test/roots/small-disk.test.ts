import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../support/folder.js'

const script = fileURLToPath(new URL('../support/small-disk.js', import.meta.url))

test('a disk that gets full loses nothing, and lets a daemon start: uploads, copies, archives, the database and the lock', async (t) => {
  const folder = await temporaryFolder(t)
  const [small, large] = [path.join(folder, 'small'), path.join(folder, 'large')]
  for (const name of [small, large]) mkdirSync(name)
  const inside = 'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$3" "$4" "$1" "$2"'
  const argv = ['-m', 'sh', '-c', inside, 'sh', small, large, process.execPath, script]
  const { status, stderr, error } = spawnSync('unshare', argv, { encoding: 'utf8', timeout: 50_000 })
  assert.equal(error, undefined, 'unshare (util-linux) is needed for a disk of one MiB')
  assert.equal(status, 0, `Run this as root, who may mount a disk of one MiB. ${stderr}`)
})
