import assert from 'node:assert/strict'
import { scryptSync } from 'node:crypto'
import { test } from 'node:test'
import { Passwords } from '../../src/access/passwords.js'

test('a password matches its own hash, and no other does', async () => {
  const passwords = new Passwords()
  const stored = await passwords.hash('correct horse ü')
  assert.equal(await passwords.matches('correct horse ü', stored), true)
  for (const other of ['correct horse', 'Correct horse ü', '', 'correct horse ü '])
    assert.equal(await passwords.matches(other, stored), false)
})

test('it is scrypt, salted, and costs as much as is recommended', async () => {
  const passwords = new Passwords()
  const [one, two] = [await passwords.hash('x'), await passwords.hash('x')]
  assert.notEqual(one.salt, two.salt)
  assert.notEqual(one.hash, two.hash)
  const { salt, hash, cost: N, block_size: r, parallel: p } = one
  assert.ok(Buffer.from(salt, 'base64').length >= 16)
  assert.ok(N * r * p >= 2 ** 14 * 8 * 5, 'OWASP, Password Storage: N=2^14, r=8, p=5')
  const again = scryptSync('x', Buffer.from(salt, 'base64'), 32, { N, r, p, maxmem: 2 ** 28 })
  assert.equal(again.toString('base64'), hash)
})

test('what was hashed at another cost still matches', async () => {
  const salt = Buffer.from('0123456789abcdef')
  const hash = scryptSync('old', salt, 32, { N: 1024, r: 8, p: 1 }).toString('base64')
  const stored = { salt: salt.toString('base64'), hash, cost: 1024, block_size: 8, parallel: 1 }
  assert.equal(await new Passwords().matches('old', stored), true)
})

test('an empty or endless one is refused, and matches nothing', async () => {
  const passwords = new Passwords()
  await assert.rejects(passwords.hash(''), { kind: 'bad_argument', message: /empty/ })
  await assert.rejects(passwords.hash('ü'.repeat(513)), { kind: 'bad_argument', message: /1024 bytes/ })
  const stored = await passwords.hash('x'.repeat(1024))
  assert.equal(await passwords.matches('x'.repeat(10_000_000), stored), false)
})

test('a flood waits in a short row, and the rest is told to come again', async () => {
  const passwords = new Passwords()
  const salt = Buffer.from('0123456789abcdef')
  const hash = scryptSync('x', salt, 32, { N: 2, r: 1, p: 1 }).toString('base64')
  const stored = { salt: salt.toString('base64'), hash, cost: 2, block_size: 1, parallel: 1 }
  const flood = Array.from({ length: 40 }, () =>
    passwords.matches('x', stored).catch((thrown: { kind?: string }) => thrown.kind),
  )
  const answers = await Promise.all(flood)
  assert.deepEqual(new Set(answers), new Set([true, 'busy']))
  assert.equal(answers.filter((answer) => answer === true).length, 32)
  assert.equal(await passwords.matches('x', stored), true, 'and then all is well again')
})
