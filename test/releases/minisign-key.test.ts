import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { isLocked, readSecretKey } from '../../src/releases/minisign-key.js'
import { temporaryFolder } from '../support/folder.js'

const minisign = (folder: string, args: readonly string[], input = ''): string => {
  const { status, stdout, stderr } = spawnSync('minisign', args, { cwd: folder, input, encoding: 'utf8' })
  assert.equal(status, 0, `${stdout}${stderr}`)
  return stdout
}

const makeKey = async (t: TestContext): Promise<{ readonly folder: string; readonly text: string }> => {
  const folder = await temporaryFolder(t)
  minisign(folder, ['-G', '-W', '-p', 'test.pub', '-s', 'test.key'])
  return { folder, text: readFileSync(path.join(folder, 'test.key'), 'utf8') }
}

test('what is signed here minisign itself verifies, the comment too', async (t) => {
  const { folder, text } = await makeKey(t)
  const key = readSecretKey(text, null)
  assert.equal(isLocked(text), false)
  assert.equal(key.publicKey, readFileSync(path.join(folder, 'test.pub'), 'utf8').split('\n')[1])
  const content = Buffer.from('what is signed')
  writeFileSync(path.join(folder, 'file'), content)
  writeFileSync(path.join(folder, 'file.minisig'), key.sign(content, 'image 7\nof two lines'))
  assert.match(minisign(folder, ['-V', '-p', 'test.pub', '-m', 'file']), /image 7 of two lines/)
})

/** Made by `minisign -G` with the password "secret". */
const locked =
  'untrusted comment: minisign encrypted secret key\n' +
  'RWRTY0IyeGpyCDfJ++R/cKOJ4wfGW+IZIbvWsR+megwc7qFFVkQAAAACAAAAAAAAAEAAAAAAoEtHeWtcEk73kn7PN/dAKnqAoTkfckYrl2dRWt474dvm' +
  '3IOQ3qbfLDoMkkt2fY2Q1FcexCPsJqP0tBuHcYPoMk6IEZgqMXYNImEZa7xbCKz0uyrjRfp0MJdAX6BuTgazlsWJp+bEXvc=\n'

test('a key that is locked needs its password', () => {
  assert.equal(isLocked(locked), true)
  assert.throws(() => readSecretKey(locked, null), { kind: 'bad_argument', message: /needs its password/ })
  assert.throws(() => readSecretKey(locked, 'wrong'), { kind: 'bad_argument', message: /wrong/ })
  assert.match(readSecretKey(locked, 'secret').publicKey, /^RW/)
})

test('what is no key is refused, also one that asks for too much memory', () => {
  assert.throws(() => readSecretKey('hello', null), { kind: 'bad_argument' })
  const bytes = Buffer.from(locked.split('\n')[1] ?? '', 'base64')
  bytes.writeBigUInt64LE(1n << 40n, 38)
  bytes.writeBigUInt64LE(1n << 40n, 46)
  assert.throws(() => readSecretKey(bytes.toString('base64'), 'secret'), { message: /memory/ })
  bytes.write('XX', 2, 'latin1')
  assert.throws(() => readSecretKey(bytes.toString('base64'), 'secret'), { message: /not known/ })
})
