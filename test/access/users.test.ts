import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync, existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { Users, type User } from '../../src/access/users.js'
import { systemFiles, type Files } from '../../src/system/files.js'
import { movingClock } from '../support/clock.js'
import { temporaryFolder } from '../support/folder.js'

const user = (username: string): User => ({
  username,
  created_on: 1,
  password: { salt: '', hash: username, cost: 2, block_size: 1, parallel: 1 },
  signing_key: null,
})

const open = async (
  folder: string,
  files: Files = systemFiles,
): Promise<{ users: Users; said: string | null }> => {
  const users = new Users(folder, files, movingClock())
  return { users, said: await users.open() }
}

test('only the daemon may read the file, and never could anybody else', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'moonkeeper')
  const modes = new Set<string>()
  const watching: Files = {
    ...systemFiles,
    writeSecret: async (file, text) => {
      const left = path.join(folder, '.access.json.moonkeeper-tmp')
      if (!existsSync(left)) writeFileSync(left, 'left by a kill', { mode: 0o644 })
      await systemFiles.writeSecret(file, text)
      modes.add((statSync(file).mode & 0o777).toString(8))
    },
  }
  const { users } = await open(folder, watching)
  await users.add(user('bob'))
  await users.renewApiKey()
  assert.deepEqual([...modes], ['600'])
  assert.deepEqual(readdirSync(folder), ['access.json'])
})

test('what was written is there in the next life', async (t) => {
  const folder = await temporaryFolder(t)
  const { users } = await open(folder)
  const key = users.apiKey
  assert.match(key, /^[0-9a-f]{32}$/)
  await users.add(user('bob'))
  await users.add(user('__proto__'))
  await users.add(user('constructor'))
  await users.update('bob', (bob) => ({ ...bob, signing_key: { id: 'k', d: 'd', x: 'x' } }))
  const { users: next, said } = await open(folder)
  assert.equal(said, null)
  assert.equal(next.apiKey, key)
  assert.deepEqual(
    next.all.map(({ username }) => username),
    ['bob', '__proto__', 'constructor'],
  )
  assert.equal(next.signingKey('k')?.x, 'x')
  assert.equal(next.find('__proto__')?.password.hash, '__proto__')
  assert.equal(next.find('toString'), null)
  await next.remove('__proto__')
  assert.equal(next.find('__proto__'), null)
  await next.renewApiKey()
  assert.notEqual((await open(folder)).users.apiKey, key)
})

test('a change that cannot be written is none', async (t) => {
  const folder = await temporaryFolder(t)
  let full = false
  const files: Files = {
    ...systemFiles,
    writeSecret: async (file, text) => {
      if (full) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', path: file })
      await systemFiles.writeSecret(file, text)
    },
  }
  const { users } = await open(folder, files)
  await users.add(user('bob'))
  const key = users.apiKey
  full = true
  await assert.rejects(users.add(user('eve')), { kind: 'no_space' })
  await assert.rejects(users.remove('bob'), { kind: 'no_space' })
  await assert.rejects(users.renewApiKey(), { kind: 'no_space' })
  assert.equal(users.apiKey, key)
  assert.deepEqual(
    users.all.map(({ username }) => username),
    ['bob'],
  )
  full = false
  await users.add(user('eve'))
  assert.ok(users.find('eve'))
})

test('changes at once do not lose each other', async (t) => {
  const folder = await temporaryFolder(t)
  const { users } = await open(folder)
  const names = Array.from({ length: 20 }, (_, index) => `u${index}`)
  await Promise.all(names.map((name) => users.add(user(name))))
  await Promise.all(names.map((name) => users.update(name, (one) => ({ ...one, created_on: 7 }))))
  const again = (await open(folder)).users.all
  assert.deepEqual(
    again.map(({ username, created_on }) => [username, created_on]),
    names.map((name) => [name, 7]),
  )
  const twice = await Promise.allSettled([users.add(user('x')), users.add(user('x'))])
  assert.deepEqual(
    twice.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  )
  await assert.rejects(
    users.update('nobody', (one) => one),
    { message: 'No registered user: nobody' },
  )
})

describe('a file that cannot be read', () => {
  for (const [name, text] of [
    ['empty', ''],
    ['half', '{"version": 1, "api_key": "0123456789abcdef0123", "users": ['],
    [
      'of another shape',
      '{"version": 1, "api_key": "0123456789abcdef0123", "api_key_created_on": 1, "users": {}}',
    ],
    [
      'of a later version',
      '{"version": 2, "api_key": "0123456789abcdef0123", "api_key_created_on": 1, "users": []}',
    ],
    ['with an empty key', '{"version": 1, "api_key": "", "api_key_created_on": 1, "users": []}'],
  ] as const)
    test(`${name}: it is kept aside, and nothing opens by it`, async (t) => {
      const folder = await temporaryFolder(t)
      writeFileSync(path.join(folder, 'access.json'), text)
      const { users, said } = await open(folder)
      assert.match(said ?? '', /damaged.*access\.json\.damaged.*then remove that file/)
      assert.equal(readFileSync(path.join(folder, 'access.json.damaged'), 'utf8'), text)
      assert.deepEqual(users.all, [])
      assert.equal(users.any, true, 'force_logins must not be off because a list cannot be read')
      assert.equal((await open(folder)).users.any, true, 'nor after a restart')
      await systemFiles.remove(path.join(folder, 'access.json.damaged'))
      const mended = await open(folder)
      assert.deepEqual([mended.said, mended.users.any, mended.users.apiKey], [null, false, users.apiKey])
    })
})
