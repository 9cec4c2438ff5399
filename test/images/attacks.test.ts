import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../support/folder.js'

const script = fileURLToPath(new URL('../support/image-attacks.js', import.meta.url))

test('a disk that gets full keeps no half image, and a name that changes its mind leads nowhere', async (t) => {
  const folder = await temporaryFolder(t)
  const [small, hosts] = [path.join(folder, 'small'), path.join(folder, 'hosts')]
  mkdirSync(small)
  writeFileSync(hosts, '')
  const inside = [
    'mount -t tmpfs -o size=4m tmpfs "$1"',
    'mount --bind "$2" /etc/hosts',
    'ip link set lo up',
    'ip address add 10.9.9.9/32 dev lo',
    'exec "$3" "$4" "$1" "$2"',
  ].join(' && ')
  const argv = ['--mount', '--net', 'sh', '-c', inside, 'sh', small, hosts, process.execPath, script]
  const { status, stderr, error } = spawnSync('unshare', argv, { encoding: 'utf8', timeout: 50_000 })
  assert.equal(error, undefined, 'unshare (util-linux) is needed for a disk of four MiB')
  assert.equal(status, 0, `Run this as root, who may make namespaces. ${stderr}`)
})
