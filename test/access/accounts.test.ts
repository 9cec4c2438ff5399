import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { issueToken } from '../../src/access/tokens.js'
import type { AccessRecord } from '../../src/contract/generated/types.js'
import { systemFiles, type Files } from '../../src/system/files.js'
import {
  identity,
  lockedHouse,
  strict,
  type Answer,
  type LockedHouse,
  type Talker,
} from '../support/access.js'

const bob = { username: 'bob', password: 'correct horse' }

interface Tokens {
  readonly username: string
  readonly token: string
  readonly refresh_token: string
  readonly source: string
  readonly action: string
}

/** A socket that came in with the API key. */
const keySocket = async (house: LockedHouse): Promise<Talker> => {
  const socket = await house.socket()
  const { result } = await socket.call('server.connection.identify', identity({ api_key: house.key }))
  assert.ok(result)
  return socket
}

const createBob = async (house: LockedHouse): Promise<Tokens> => {
  const { json } = await house.http('POST', '/access/user', { 'X-Api-Key': house.key }, bob)
  return (json as { result: Tokens }).result
}

const login = async (house: LockedHouse, params: object = bob): Promise<Tokens> => {
  const { json } = await house.http('POST', '/access/login', {}, params)
  return (json as { result: Tokens }).result
}

const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` })

const whoIs = async (house: LockedHouse, headers: Record<string, string>): Promise<unknown> => {
  const { status, json } = await house.http('GET', '/access/user', headers)
  return status === 200 ? (json as { result: { username: unknown } }).result.username : status
}

const refusal = ({ error }: Answer): unknown => [error?.code, error?.message]

describe('a user', () => {
  test('is created, logs in, is asked for, and deleted; everyone is told', async (t) => {
    const house = await lockedHouse(t)
    const created = await createBob(house)
    const { token, refresh_token: refresh, ...rest } = created
    assert.deepEqual(rest, { username: 'bob', source: 'moonraker', action: 'user_created' })
    assert.equal(await whoIs(house, bearer(token)), 'bob')
    assert.equal(await whoIs(house, bearer(refresh)), 401)
    const entered = await login(house)
    assert.equal(entered.action, 'user_logged_in')
    const list = await house.http('GET', '/access/users/list', bearer(entered.token))
    assert.deepEqual((list.json as { result: { users: object[] } }).result.users, [
      { username: 'bob', source: 'moonraker', created_on: house.clock.now() / 1000 },
    ])
    const gone = await house.http('DELETE', '/access/user', { 'X-Api-Key': house.key }, { username: 'bob' })
    assert.deepEqual(gone.json, { result: { username: 'bob', action: 'user_deleted' } })
    assert.equal(await whoIs(house, bearer(entered.token)), 401)
    assert.deepEqual(house.news, [
      ['notify_user_created', 'bob'],
      ['notify_user_logged_in', 'bob'],
      ['notify_user_deleted', 'bob'],
    ])
  })

  test('may be called what they like, within reason', async (t) => {
    const house = await lockedHouse(t)
    for (const username of [
      'Zoë',
      '李',
      '🖨️',
      '__proto__',
      'constructor',
      'a b',
      "'; --",
      'x'.repeat(128),
      '../x',
    ]) {
      const params = { username, password: `of ${username}` }
      const { status } = await house.http('POST', '/access/user', { 'X-Api-Key': house.key }, params)
      assert.equal(status, 200, username)
      assert.equal(await whoIs(house, bearer((await login(house, params)).token)), username)
    }
    for (const username of ['', 'a\u0000b', 'a\nb', '\u001b[31m', '\ud800', 'x'.repeat(129)]) {
      const { status } = await house.http(
        'POST',
        '/access/user',
        { 'X-Api-Key': house.key },
        { username, password: 'x' },
      )
      assert.equal(status, 400, JSON.stringify(username))
    }
    const next = await house.again()
    assert.equal(next.accounts.list().users.length, 9)
  })

  test('keeps their logins over a restart, unless they logged out', async (t) => {
    const house = await lockedHouse(t)
    const { token } = await createBob(house)
    const first = await house.again()
    const arrive = async (headers: Record<string, string>): Promise<string | null> => {
      const { caller } = await first.gate.arrive({ peer: '10.0.0.1', headers, query: '' })
      return caller.requester?.name ?? null
    }
    assert.equal(await arrive({ authorization: `Bearer ${token}` }), 'bob')
    assert.equal(await arrive({ 'x-api-key': house.key }), '_API_KEY_USER_')
  })

  test('is stored without their password', async (t) => {
    const house = await lockedHouse(t)
    await createBob(house)
    assert.ok(!readFileSync(house.file, 'utf8').includes(bob.password))
  })
})

describe('what is refused, with the words of Moonraker', () => {
  const table: readonly (readonly [method: string, params: object, code: number, message: string])[] = [
    ['access.login', {}, 400, 'No data for argument: username'],
    ['access.login', { username: 'x' }, 400, 'No data for argument: password'],
    ['access.login', { username: 'nope', password: 'x' }, 400, 'Unregistered User: nope'],
    ['access.login', { username: 'bob', password: 'x' }, 400, 'Invalid Password'],
    ['access.login', { ...bob, source: 'banana' }, 400, "Invalid 'source': banana"],
    ['access.login', { ...bob, source: 'LDAP' }, -32602, 'LDAP authentication not available'],
    [
      'access.login',
      { username: '_TRUSTED_USER_', password: 'x' },
      400,
      'Invalid Request for user _TRUSTED_USER_',
    ],
    [
      'access.login',
      { username: '_API_KEY_USER_', password: '' },
      400,
      'Invalid Request for user _API_KEY_USER_',
    ],
    ['access.post_user', bob, 400, 'User bob already exists'],
    [
      'access.post_user',
      { username: 'eve', password: 'x', source: 'ldap' },
      400,
      'Invalid Request to create new LDAP User',
    ],
    [
      'access.post_user',
      { username: '_API_KEY_USER_', password: 'x' },
      400,
      'Invalid Request for user _API_KEY_USER_',
    ],
    ['access.post_user', { username: 'api_key', password: 'x' }, 400, 'Invalid Request for user api_key'],
    ['access.delete_user', { username: 'nope' }, 400, 'No registered user: nope'],
    [
      'access.delete_user',
      { username: '_TRUSTED_USER_' },
      400,
      'Invalid Request for reserved user _TRUSTED_USER_',
    ],
    [
      'access.delete_user',
      { username: '_API_KEY_USER_' },
      400,
      'Cannot delete logged in user _API_KEY_USER_',
    ],
    ['access.logout', {}, 400, 'Invalid log out request for user _API_KEY_USER_'],
    [
      'access.user.password',
      { password: 'x', new_password: 'y' },
      400,
      'Invalid Reset Request for user _API_KEY_USER_',
    ],
    ['access.refresh_jwt', {}, 400, 'No data for argument: refresh_token'],
    ['access.refresh_jwt', { refresh_token: 'x' }, -32602, 'Invalid Refresh Token'],
    ['access.post_user', { username: 'eve', password: '' }, 400, 'The password is empty: choose another one'],
  ]
  test('over a socket', async (t) => {
    const house = await lockedHouse(t)
    await createBob(house)
    const socket = await keySocket(house)
    while (socket.frames.size > 0) await socket.frames.take()
    for (const [method, params, code, message] of table)
      assert.deepEqual(
        refusal(await socket.call(method, params)),
        [code, message],
        `${method} ${JSON.stringify(params)}`,
      )
  })

  test('a user deletes others, not themselves', async (t) => {
    const house = await lockedHouse(t)
    const { token } = await createBob(house)
    const own = await house.http('DELETE', '/access/user', bearer(token), { username: 'bob' })
    assert.equal(own.reason, 'Cannot delete logged in user bob')
  })

  test('a name without end is not sent back whole', async (t) => {
    const house = await lockedHouse(t)
    const socket = await house.socket()
    const { error } = await socket.call('access.login', { username: 'x'.repeat(1_000_000), password: 'y' })
    assert.ok((error?.message.length ?? 0) < 200)
  })
})

describe('a socket', () => {
  test('that is nobody hears nothing; from its login on it hears everything', async (t) => {
    const house = await lockedHouse(t)
    await createBob(house)
    const socket = await house.socket()
    const progress = (message: string) =>
      house.served.inside.subscribers.broadcast('notify_update_response', {
        message,
        application: 'x',
        proc_id: 1,
        complete: false,
      })
    progress('before')
    assert.deepEqual(refusal(await socket.call('server.info')), [-32602, 'Unauthorized'])
    assert.deepEqual(refusal(await socket.call('server.connection.identify', identity())), [
      -32602,
      'Unauthorized',
    ])
    assert.deepEqual(refusal(await socket.call('server.connection.identify', identity({ api_key: 'bad' }))), [
      -32602,
      'Invalid API Key',
    ])
    assert.deepEqual(refusal(await socket.call('access.login', { ...bob, password: 'no' })), [
      400,
      'Invalid Password',
    ])
    progress('still before')
    const { result } = await socket.call('access.login', bob)
    assert.equal((result as Tokens).action, 'user_logged_in')
    assert.match(await socket.frames.take(), /notify_user_logged_in/)
    progress('after')
    assert.match(await socket.frames.take(), /"message":"after"/)
    const identified = await socket.call(
      'server.connection.identify',
      identity({ access_token: (result as Tokens).token }),
    )
    assert.ok(identified.result)
    assert.equal(((await socket.call('access.get_user')).result as { username: string }).username, 'bob')
  })

  test('loses its rights with a logout elsewhere, hears of that, and then nothing', async (t) => {
    const house = await lockedHouse(t)
    const { token } = await createBob(house)
    const [one, two] = [await house.socket(bearer(token)), await house.socket()]
    assert.ok((await two.call('server.connection.identify', identity({ access_token: token }))).result)
    const out = await one.call('access.logout')
    assert.deepEqual(out.result, { username: 'bob', action: 'user_logged_out' })
    for (const socket of [one, two]) {
      assert.equal(
        await socket.frames.take(),
        '{"jsonrpc":"2.0","method":"notify_user_logged_out","params":[{"username":"bob"}]}',
      )
      assert.deepEqual(refusal(await socket.call('server.info')), [-32602, 'Unauthorized'])
    }
    await login(house)
    house.served.inside.subscribers.tellUser('notify_user_logged_out', { username: 'bob' })
    assert.deepEqual(refusal(await one.call('server.info')), [-32602, 'Unauthorized'])
    assert.equal(one.frames.size, 0)
    assert.equal(await whoIs(house, bearer(token)), 401)
  })

  test('loses its rights with its user, also when one of that name comes anew', async (t) => {
    const house = await lockedHouse(t)
    const { token } = await createBob(house)
    const socket = await house.socket(bearer(token))
    assert.ok((await socket.call('server.info')).result)
    await house.http('DELETE', '/access/user', { 'X-Api-Key': house.key }, { username: 'bob' })
    assert.match(await socket.frames.take(), /notify_user_deleted/)
    assert.deepEqual(refusal(await socket.call('server.info')), [-32602, 'Unauthorized'])
    await createBob(house)
    assert.deepEqual(refusal(await socket.call('server.info')), [-32602, 'Unauthorized'])
    assert.equal(await whoIs(house, bearer(token)), 401)
    assert.equal(socket.frames.size, 0)
  })

  test('outlives its access token, as Moonraker promises, but not the login', async (t) => {
    const house = await lockedHouse(t, '[authorization]\nlogin_timeout: 2\n')
    const { token } = await createBob(house)
    const socket = await house.socket(bearer(token))
    const start = house.clock.now()
    house.clock.set(start + 3601_000)
    assert.equal(await whoIs(house, bearer(token)), 401)
    assert.ok((await socket.call('server.info')).result)
    house.clock.set(start + 2 * 86400_000)
    assert.deepEqual(refusal(await socket.call('server.info')), [-32602, 'Unauthorized'])
  })

  test('that came with the API key loses its rights when there is a new one; who made it keeps theirs', async (t) => {
    const house = await lockedHouse(t)
    const [maker, other] = [await keySocket(house), await keySocket(house)]
    const { result: key } = await maker.call('access.post_api_key')
    assert.match(String(key), /^[0-9a-f]{32}$/)
    assert.notEqual(key, house.key)
    assert.equal((await maker.call('access.get_api_key')).result, key)
    assert.deepEqual(refusal(await other.call('access.get_api_key')), [-32602, 'Unauthorized'])
    assert.equal(await whoIs(house, { 'X-Api-Key': house.key }), 401)
    assert.equal(await whoIs(house, { 'X-Api-Key': String(key) }), '_API_KEY_USER_')
  })

  test('from a trusted address is not locked out by a logout (point 14)', async (t) => {
    const house = await lockedHouse(t, '[authorization]\ntrusted_clients: 127.0.0.1\n')
    const socket = await house.socket()
    const name = async (): Promise<unknown> =>
      ((await socket.call('access.get_user')).result as { username: unknown }).username
    assert.equal(await name(), '_TRUSTED_USER_')
    await createBob(house)
    await socket.frames.take()
    await socket.call('access.login', bob)
    await socket.frames.take()
    assert.equal(await name(), 'bob')
    await socket.call('access.logout')
    await socket.frames.take()
    assert.equal(await name(), '_TRUSTED_USER_')
    assert.ok((await socket.call('server.info')).result)
  })
})

describe('a password', () => {
  test('is changed by its owner, who must know it', async (t) => {
    const house = await lockedHouse(t)
    const { token } = await createBob(house)
    const change = (password: string, next: string) =>
      house.http('POST', '/access/user/password', bearer(token), { password, new_password: next })
    assert.equal((await change('wrong', 'x')).reason, 'Invalid Password')
    assert.equal((await change(bob.password, '')).status, 400)
    const done = await change(bob.password, 'battery staple')
    assert.deepEqual(done.json, { result: { username: 'bob', action: 'user_password_reset' } })
    assert.equal((await house.http('POST', '/access/login', {}, bob)).status, 400)
    assert.equal((await login(house, { ...bob, password: 'battery staple' })).username, 'bob')
  })

  test('that was changed while somebody logged in with the old one lets nobody in', async (t) => {
    let release = (): void => undefined
    let reached = (): void => undefined
    let hold: Promise<void> | null = null
    const files: Files = {
      ...systemFiles,
      writeSecret: async (file, text) => {
        reached()
        await hold
        await systemFiles.writeSecret(file, text)
      },
    }
    const house = await lockedHouse(t, strict, { files })
    const { token } = await createBob(house)
    const { accounts, gate } = house.access
    const owner = await gate.arrive({
      peer: '10.0.0.1',
      headers: { authorization: `Bearer ${token}` },
      query: '',
    })
    hold = new Promise((resolve) => (release = resolve))
    const writing = new Promise<void>((resolve) => (reached = resolve))
    const change = accounts.changePassword(owner.caller, { password: bob.password, new_password: 'another' })
    await writing
    const { caller } = await gate.arrive({ peer: '10.0.0.2', headers: {}, query: '' })
    const login = accounts.login(caller, bob)
    // The old password is still right; what it opens is decided when the change is on the disk.
    const later = accounts.login(caller, { ...bob, password: 'no' }).catch((thrown: Error) => thrown.message)
    assert.equal(await later, 'Invalid Password')
    release()
    await change
    await assert.rejects(login, { message: 'Invalid Password' })
    assert.equal(caller.requester, null)
  })
})

test('a key signs for its own user only', async (t) => {
  const house = await lockedHouse(t)
  await createBob(house)
  await house.access.accounts.create({ username: 'eve', password: 'x' })
  const { users } = JSON.parse(readFileSync(house.file, 'utf8')) as AccessRecord
  const key = users[0]?.signing_key
  assert.ok(key)
  const now = Math.floor(house.clock.now() / 1000)
  const tokenOf = (username: string): string =>
    issueToken({
      username,
      key,
      type: 'access',
      issuer: 'http://printer:7125',
      now,
      lifetime: 9,
      authTime: now,
    })
  assert.equal(await whoIs(house, bearer(tokenOf('bob'))), 'bob')
  assert.equal(await whoIs(house, bearer(tokenOf('eve'))), 401)
  const socket = await house.socket()
  const { error } = await socket.call(
    'server.connection.identify',
    identity({ access_token: tokenOf('eve') }),
  )
  assert.equal(error?.message, 'Unknown user')
})

describe('a refresh token', () => {
  test('brings access tokens until the login runs out, and does not make it longer', async (t) => {
    const house = await lockedHouse(t, '[authorization]\nlogin_timeout: 1\n')
    const { refresh_token: refresh } = await createBob(house)
    const ask = async (): Promise<string | number> => {
      const { status, json } = await house.http('POST', '/access/refresh_jwt', {}, { refresh_token: refresh })
      return status === 200 ? (json as { result: { token: string } }).result.token : status
    }
    const start = house.clock.now()
    house.clock.set(start + 86_000_000)
    const token = await ask()
    assert.equal(await whoIs(house, bearer(String(token))), 'bob')
    house.clock.set(start + 86_401_000)
    assert.equal(await ask(), 401)
    assert.equal(
      await whoIs(house, bearer(String(token))),
      401,
      'the token is younger than an hour, the login is over',
    )
  })

  test('an access token is none', async (t) => {
    const house = await lockedHouse(t)
    const { token } = await createBob(house)
    const reply = await house.http('POST', '/access/refresh_jwt', {}, { refresh_token: token })
    assert.deepEqual([reply.status, reply.reason], [401, 'Invalid Refresh Token'])
  })
})

describe('too many logins', () => {
  const limited = `${strict}max_login_attempts: 2\n[moonkeeper]\ntrusted_proxies: 127.0.0.0/8\n`
  const from = (address: string): Record<string, string> => ({ 'X-Forwarded-For': address })

  test('shut an address out, not its neighbour, and not the Unix socket', async (t) => {
    const house = await lockedHouse(t, limited)
    await createBob(house)
    const wrong = { ...bob, password: 'no' }
    for (let count = 0; count < 2; count += 1)
      assert.equal((await house.http('POST', '/access/login', from('10.0.0.1'), wrong)).status, 400)
    const shut = await house.http('POST', '/access/login', from('10.0.0.1'), bob)
    assert.deepEqual([shut.status, shut.reason], [401, 'Unauthorized, Maximum Login Attempts Reached'])
    assert.equal((await house.http('POST', '/access/login', from('10.0.0.2'), bob)).status, 200)
    const { accounts, gate } = house.access
    for (let count = 0; count < 4; count += 1)
      await assert.rejects(accounts.login(gate.local(), wrong), { message: 'Invalid Password' })
  })

  test('are counted over every door together', async (t) => {
    const house = await lockedHouse(t, limited)
    await createBob(house)
    const socket = await house.socket(from('10.0.0.1'))
    await socket.call('access.login', { ...bob, password: 'no' })
    await house.http('POST', '/access/login', from('10.0.0.1'), { ...bob, password: 'no' })
    assert.deepEqual(refusal(await socket.call('access.login', bob)), [
      -32602,
      'Unauthorized, Maximum Login Attempts Reached',
    ])
  })
})
