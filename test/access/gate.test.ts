import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { canonicalAddress } from '../../src/config/networks.js'
import { accessScene, identity, lockedHouse } from '../support/access.js'

const who = async (
  scene: Awaited<ReturnType<typeof accessScene>>,
  peer: string | undefined,
  headers: Readonly<Record<string, string>> = {},
  query = '',
): Promise<string | null> => {
  const { caller, refusal } = await scene.access.gate.arrive({ peer, headers, query })
  return refusal === null ? (caller.requester?.name ?? null) : 'refused'
}

const trusted = '_TRUSTED_USER_'
const byKey = '_API_KEY_USER_'

describe('who is trusted', () => {
  const configuration = `[authorization]
trusted_clients:
  192.168.1.0/24
  10.0.0.7
  fe80::/10
  pi.lan
  laptop.lan
`
  const hosts = { 'pi.lan': ['172.16.0.9', 'fd00::9'], 'other.lan': ['172.16.0.10'] }
  for (const [peer, expected] of [
    ['192.168.1.254', trusted],
    ['::ffff:192.168.1.254', trusted],
    ['192.168.2.1', null],
    ['10.0.0.7', trusted],
    ['10.0.0.8', null],
    ['fe80::1%eth0', trusted],
    ['172.16.0.9', trusted],
    ['fd00:0::9', trusted],
    ['172.16.0.10', null],
    ['127.0.0.1', null],
    [undefined, null],
    ['nonsense', null],
  ] as const)
    test(String(peer), async (t) => {
      assert.equal(await who(await accessScene(t, configuration, { hosts }), peer), expected)
    })

  test('whoever they say they are', async (t) => {
    const scene = await accessScene(t, configuration, { hosts })
    for (const header of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'x-client-ip', 'cf-connecting-ip'])
      assert.equal(await who(scene, '8.8.8.8', { [header]: '192.168.1.5' }), null, header)
  })

  test('names are asked for once a minute, not by every request, and they can move', async (t) => {
    const asked: string[] = []
    const moving: Record<string, readonly string[]> = {}
    Object.defineProperty(moving, 'pi.lan', {
      get: () => {
        asked.push('pi.lan')
        return asked.length === 1 ? ['172.16.0.9'] : ['172.16.0.77']
      },
    })
    const scene = await accessScene(t, '[authorization]\ntrusted_clients: pi.lan\n', { hosts: moving })
    const all = await Promise.all(['8.8.8.8', '172.16.0.9', '172.16.0.77'].map((peer) => who(scene, peer)))
    assert.deepEqual(all, [null, trusted, null])
    assert.equal(asked.length, 1)
    scene.clock.set(scene.clock.now() + 61_000)
    assert.equal(await who(scene, '172.16.0.77'), trusted)
    assert.equal(await who(scene, '172.16.0.9'), null)
    assert.equal(asked.length, 2)
  })

  test('without the section: this machine, also behind its own proxy', async (t) => {
    const scene = await accessScene(t, '')
    assert.equal(await who(scene, '127.0.0.1'), trusted)
    assert.equal(await who(scene, '::1'), trusted)
    assert.equal(await who(scene, '192.168.1.5'), null)
    assert.equal(await who(scene, '127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }), trusted)
    assert.equal(await who(scene, '127.0.0.1', { 'x-forwarded-for': '192.168.1.5' }), null)
  })

  test('a proxy on this machine does not lend its address (point 19)', async (t) => {
    const scene = await accessScene(t, '[authorization]\ntrusted_clients: 127.0.0.1\n')
    assert.equal(await who(scene, '127.0.0.1', { host: '127.0.0.1:7125' }), trusted)
    assert.equal(await who(scene, '127.0.0.1', { 'x-forwarded-for': '8.8.8.8' }), null)
    assert.equal(await who(scene, '127.0.0.1', { via: '1.1 proxy' }), null)
    assert.equal(await who(scene, '127.0.0.1', { host: '192.168.1.2' }), null)
    assert.equal(await who(scene, '127.0.0.1', { 'x-forwarded-for': '127.0.0.1, 8.8.8.8' }), null)
  })

  test('trusted_proxies says whose word counts', async (t) => {
    const scene = await accessScene(
      t,
      '[authorization]\ntrusted_clients: 10.0.0.7\n[moonkeeper]\ntrusted_proxies: 172.16.0.0/16\n',
    )
    const told = { 'x-forwarded-for': '10.0.0.7' }
    assert.equal(await who(scene, '172.16.3.4', told), trusted)
    assert.equal(await who(scene, '127.0.0.1', told), null)
  })
})

describe('what is shown', () => {
  const open = '[authorization]\ntrusted_clients: 10.0.0.7\n'

  test('the API key, in its header only', async (t) => {
    const scene = await accessScene(t, '[authorization]\n')
    const key = scene.access.accounts.apiKey()
    assert.equal(await who(scene, '10.0.0.7', { 'x-api-key': key }), byKey)
    for (const wrong of ['', key.slice(1), `${key} `, `${key}, ${key}`, key.toUpperCase(), 'ü'.repeat(32)])
      assert.equal(await who(scene, '10.0.0.7', { 'x-api-key': wrong }), null, wrong)
    assert.equal(await who(scene, '10.0.0.7', {}, `api_key=${key}`), null)
  })

  test('the API key is none when it is switched off, also for sockets that came with it', async (t) => {
    const house = await lockedHouse(t)
    const socket = await house.socket({ 'X-Api-Key': house.key })
    assert.ok((await socket.call('server.info')).result)
    await house.configure('[authorization]\nenable_api_key: False\n')
    assert.equal((await socket.call('server.info')).error?.message, 'Unauthorized')
    assert.equal(await who(house, '10.0.0.7', { 'x-api-key': house.key }), null)
    const other = await house.socket()
    const { error } = await other.call('server.connection.identify', identity({ api_key: house.key }))
    assert.equal(error?.message, 'API Key authentication is disabled')
  })

  test('a token that is wrong is refused, however trusted its bearer; a wrong key is not looked at', async (t) => {
    const scene = await accessScene(t, open)
    for (const [headers, query] of [
      [{ authorization: 'Bearer a.b.c' }, ''],
      [{ 'x-access-token': 'x' }, ''],
      [{}, 'access_token=zz'],
      [{}, '&x=1&access_token=&access_token=zz'],
    ] as const)
      assert.equal(await who(scene, '10.0.0.7', headers, query), 'refused')
    for (const [headers, query] of [
      [{ 'x-api-key': 'bad' }, ''],
      [{ authorization: 'Basic Zm9vOmJhcg==' }, ''],
      [{ authorization: 'bearer a.b.c' }, ''],
      [{ authorization: 'Bearer ' }, ''],
      [{}, 'token=zz'],
      [{}, 'access_token='],
      [{ authorization: 'Basic x', 'x-access-token': 'x' }, ''],
    ] as const)
      assert.equal(await who(scene, '10.0.0.7', headers, query), trusted)
  })

  test('a token, at every place where it may stand; a login that ran out hinders no new one', async (t) => {
    const house = await lockedHouse(t, open)
    const { token } = await house.access.accounts.create({ username: 'bob', password: 'x' })
    assert.equal(await who(house, '8.8.8.8', { authorization: `Bearer ${token}` }), 'bob')
    assert.equal(await who(house, '8.8.8.8', { 'x-access-token': token }), 'bob')
    assert.equal(await who(house, '8.8.8.8', {}, `a=b&access_token=${token}`), 'bob')
    assert.equal(await who(house, '10.0.0.7', { authorization: `Bearer ${token}` }), 'bob')
    house.clock.set(house.clock.now() + 3_601_000)
    const stale = { Authorization: `Bearer ${token}` }
    assert.equal((await house.http('GET', '/access/user', stale)).status, 401)
    const body = { username: 'bob', password: 'x' }
    assert.equal((await house.http('POST', '/access/login', stale, body)).status, 200)
    assert.equal(
      (await house.http('POST', '/access/login', { Authorization: 'Bearer a.b.c' }, body)).status,
      401,
    )
  })

  test('a one-shot token lends what its owner had, once', async (t) => {
    const house = await lockedHouse(t)
    const token = async (): Promise<string> => {
      const { json } = await house.http('GET', '/access/oneshot_token', { 'X-Api-Key': house.key })
      return (json as { result: string }).result
    }
    const first = await token()
    assert.equal((await house.http('GET', `/server/info?token=${first}`)).status, 200)
    assert.equal((await house.http('GET', `/server/info?token=${first}`)).status, 401)
    const socket = await house.socket({}, `?token=${await token()}`)
    assert.equal(((await socket.call('access.get_user')).result as { username: string }).username, byKey)
    const elsewhere = await house.http('GET', `/server/info?token=${await token()}`, {
      'X-Forwarded-For': '10.1.1.1',
    })
    assert.equal(elsewhere.status, 401)
    const late = await token()
    house.clock.set(house.clock.now() + 5_000)
    assert.equal((await house.http('GET', `/server/info?token=${late}`)).status, 401)
    assert.throws(() => house.access.accounts.oneShotToken(house.access.gate.local()), { kind: 'refused' })
  })

  test('a trusted socket needs no key, and is not refused for a wrong one', async (t) => {
    const house = await lockedHouse(t, '[authorization]\ntrusted_clients: 127.0.0.1\n')
    const socket = await house.socket({}, '?token=')
    assert.ok((await socket.call('server.connection.identify', identity({ api_key: 'bad' }))).result)
    assert.equal(((await socket.call('access.get_user')).result as { username: string }).username, trusted)
  })
})

test('whatever a stranger sends, it neither opens nor breaks anything', async (t) => {
  const scene = await accessScene(t, '[authorization]\ntrusted_clients: 10.0.0.7\n')
  await scene.access.accounts.create({ username: 'bob', password: 'x' })
  const part = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'Bearer ',
      '10.0.0.7',
      '127.0.0.1',
      ',',
      '.',
      'eyJhbGciOiJub25lIn0',
      '%',
      '::1',
      'token=',
      '[::]',
    ),
  )
  const text = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''))
  const names = [
    'authorization',
    'x-access-token',
    'x-api-key',
    'x-real-ip',
    'via',
    'host',
    'origin',
    'forwarded',
  ]
  const headers = fc.dictionary(fc.constantFrom(...names), text)
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.ipV4(), fc.ipV6(), text), headers, text, async (peer, sent, query) => {
      if (canonicalAddress(peer) === '10.0.0.7' || /^127\.|^::1$/.test(canonicalAddress(peer) ?? '')) return
      const { caller } = await scene.access.gate.arrive({ peer, headers: sent, query })
      assert.equal(caller.requester, null)
      scene.access.gate.answersTo(query)
      scene.access.gate.allowsOrigin(query)
    }),
    { numRuns: 2000 },
  )
})

describe('force_logins', () => {
  const forced = '[authorization]\ntrusted_clients: 127.0.0.1\nforce_logins: True\n'

  test('shuts trusted clients out from the first user on, at once, and not the key', async (t) => {
    const house = await lockedHouse(t, forced)
    const socket = await house.socket()
    const info = async (): Promise<unknown> => (await socket.call('access.info')).result
    assert.ok((await socket.call('server.info')).result)
    assert.deepEqual(await info(), {
      default_source: 'moonraker',
      available_sources: ['moonraker'],
      login_required: false,
      trusted: true,
    })
    await house.access.accounts.create({ username: 'bob', password: 'x' })
    assert.equal((await socket.call('server.info')).error?.message, 'Unauthorized')
    assert.equal((await house.http('GET', '/server/info')).status, 401)
    assert.equal((await house.http('GET', '/server/info', { 'X-Api-Key': house.key })).status, 200)
    assert.equal(((await info()) as { login_required: boolean }).login_required, true)
    assert.ok((await socket.call('access.login', { username: 'bob', password: 'x' })).result)
    await socket.frames.take()
    assert.ok((await socket.call('server.info')).result)
  })

  test('stays in force when the list of users is damaged', async (t) => {
    const scene = await accessScene(t, forced, { kept: '{"version":1,' })
    assert.match(scene.problem ?? '', /damaged/)
    assert.equal(await who(scene, '127.0.0.1'), null)
  })
})

describe('a changed configuration', () => {
  test('counts at once, for open sockets too', async (t) => {
    const house = await lockedHouse(t, '[authorization]\ntrusted_clients: 127.0.0.1\n')
    const socket = await house.socket()
    assert.ok((await socket.call('server.info')).result)
    await house.configure('[authorization]\ntrusted_clients: 10.0.0.0/8\n')
    assert.equal((await socket.call('server.info')).error?.message, 'Unauthorized')
    await house.configure('[authorization]\ntrusted_clients: 127.0.0.0/8\n')
    assert.ok((await socket.call('server.info')).result)
  })
})

describe('scopes', () => {
  test('of the key and of trusted clients have two names each', async (t) => {
    for (const [key, clients] of [
      ['_API_KEY_USER_', '_TRUSTED_USER_'],
      ['api_key', 'trusted_clients'],
    ] as const) {
      const scene = await accessScene(
        t,
        `[authorization]\ntrusted_clients: 10.0.0.7\n[moonkeeper]\nscopes:\n  ${key} = admin\n  ${clients} = update\n`,
      )
      const scopeOf = async (headers: Record<string, string>): Promise<unknown> =>
        (await scene.access.gate.arrive({ peer: '10.0.0.7', headers, query: '' })).caller.requester?.scope
      assert.equal(await scopeOf({}), 'update')
      assert.equal(await scopeOf({ 'x-api-key': scene.access.accounts.apiKey() }), 'admin')
      assert.equal(scene.access.gate.local().requester?.scope, 'admin')
    }
  })

  test('make a trusted socket that shows the key the key’s', async (t) => {
    const house = await lockedHouse(
      t,
      '[authorization]\ntrusted_clients: 127.0.0.1\n[moonkeeper]\nscopes:\n  api_key = admin\n',
    )
    const socket = await house.socket()
    const refused = await socket.call('server.restart')
    assert.equal(refused.error?.data?.code, 'forbidden')
    assert.equal(refused.error.code, 403)
    assert.ok((await socket.call('server.connection.identify', identity({ api_key: house.key }))).result)
    assert.equal((await socket.call('server.restart')).result, 'ok')
  })

  test('are not lent: a one-shot token and a refresh have what their owner has', async (t) => {
    const house = await lockedHouse(t, '[authorization]\n[moonkeeper]\nscopes:\n  bob = read\n')
    const { token, refresh_token: refresh } = await house.access.accounts.create({
      username: 'bob',
      password: 'x',
    })
    const bearer = { Authorization: `Bearer ${token}` }
    const { json } = await house.http('GET', '/access/oneshot_token', bearer)
    const shot = (json as { result: string }).result
    assert.equal((await house.http('POST', `/machine/update/full?token=${shot}`)).status, 403)
    const renewed = await house.http('POST', '/access/refresh_jwt', {}, { refresh_token: refresh })
    const { token: next } = (renewed.json as { result: { token: string } }).result
    assert.equal(
      (await house.http('POST', '/machine/update/full', { Authorization: `Bearer ${next}` })).status,
      403,
    )
    await house.configure('[authorization]\n[moonkeeper]\nscopes:\n  bob = update\n')
    assert.equal((await house.http('POST', '/machine/update/full', bearer)).status, 200)
  })
})
