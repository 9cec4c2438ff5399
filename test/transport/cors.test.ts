import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { lockedHouse, type LockedHouse } from '../support/access.js'
import { openRaw, readAll } from '../support/socket.js'

const configuration = `[authorization]
trusted_clients: 127.0.0.1
cors_domains:
  http://app.example.test
  *://*.local
`

const allowed = 'http://app.example.test'

const raw = async (house: LockedHouse, lines: readonly string[]): Promise<string> => {
  const socket = await openRaw(house.served.port)
  const all = readAll(socket)
  socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`)
  return all
}

describe('a page of another origin', () => {
  test('that is allowed may do everything, and reads every answer, refusals too', async (t) => {
    const house = await lockedHouse(t, configuration)
    for (const [verb, path, status] of [
      ['GET', '/server/info', 200],
      ['POST', '/machine/update/client?name=x', 200],
      ['POST', '/machine/update/recover', 400],
      ['GET', '/no/such', 404],
      ['POST', '/server/info', 405],
      ['GET', '/server/info?access_token=bad', 401],
    ] as const) {
      const reply = await house.http(verb, path, { Origin: allowed, 'Sec-Fetch-Site': 'cross-site' })
      assert.equal(reply.status, status, path)
      assert.equal(reply.headers['access-control-allow-origin'], allowed, path)
      assert.equal(reply.headers['vary'], 'Origin')
      assert.equal(reply.headers['access-control-allow-credentials'], undefined)
    }
  })

  test('that is allowed may ask first, without credentials', async (t) => {
    const house = await lockedHouse(t, configuration.replace('127.0.0.1', '10.0.0.1'))
    const reply = await house.http('OPTIONS', '/server/info', {
      Origin: 'https://foo.local',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Private-Network': 'true',
    })
    assert.equal(reply.status, 204)
    assert.equal(reply.body, '')
    assert.equal(reply.headers['access-control-allow-origin'], 'https://foo.local')
    assert.equal(reply.headers['access-control-allow-methods'], 'GET, POST, PUT, DELETE, OPTIONS')
    assert.match(
      reply.headers['access-control-allow-headers'] ?? '',
      /Authorization, X-Access-Token, X-Api-Key$/,
    )
    assert.equal(reply.headers['access-control-allow-private-network'], 'true')
    assert.equal((await house.http('OPTIONS', '/no/such', { Origin: allowed })).status, 401)
    assert.equal((await house.http('GET', '/server/info', { Origin: allowed })).status, 401)
  })

  test('that is not allowed changes nothing and reads nothing', async (t) => {
    const house = await lockedHouse(t, configuration)
    const evil = { Origin: 'http://evil.example' }
    for (const [verb, path, headers, body, status] of [
      ['POST', '/machine/update/full', {}, undefined, 403],
      ['POST', '/machine/update/full', { 'Content-Type': 'text/plain' }, undefined, 403],
      [
        'POST',
        '/machine/update/full',
        { 'Content-Type': 'application/x-www-form-urlencoded' },
        undefined,
        403,
      ],
      ['POST', '/machine/update/full', { 'Content-Type': 'multipart/form-data; boundary=x' }, undefined, 403],
      ['POST', '/server/jsonrpc', {}, { jsonrpc: '2.0', method: 'machine.update.full', id: 1 }, 403],
      ['DELETE', '/access/user?username=bob', {}, undefined, 403],
      ['POST', '/access/login', {}, { username: 'x', password: 'y' }, 403],
      ['OPTIONS', '/server/info', {}, undefined, 405],
      ['GET', '/machine/update/status?refresh=true', {}, undefined, 200],
    ] as const)
      for (const origin of [evil, { Origin: 'null' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
        const reply = await house.http(verb, path, { ...headers, ...origin }, body)
        assert.equal(reply.status, status, `${verb} ${path}`)
        assert.equal(reply.headers['access-control-allow-origin'], undefined)
      }
    assert.deepEqual(house.engine.calls, [])
  })

  test('opens a WebSocket when it is allowed, also from a trusted address', async (t) => {
    const house = await lockedHouse(t, configuration)
    for (const Origin of [allowed, 'http://x.local', 'http://127.0.0.1:8080']) {
      const socket = await house.socket({ Origin })
      assert.ok((await socket.call('server.info')).result)
    }
    for (const Origin of ['http://evil.example', 'null', 'http://10.0.0.1'])
      await assert.rejects(house.socket({ Origin }), /403/)
  })

  test('is not let in by its own name', async (t) => {
    const house = await lockedHouse(t, configuration)
    for (const Host of ['evil.example', 'rebound.evil.example:7125', 'other']) {
      const reply = await house.http('GET', '/server/info', { Host })
      assert.equal(reply.status, 403)
      assert.match(reply.reason, new RegExp(`^${Host}.*add http://${Host} to cors_domains`))
      await assert.rejects(house.socket({ Host }), /403/)
    }
    for (const Host of ['app.example.test', 'printer', 'x.local'])
      assert.notEqual((await house.http('GET', '/access/info', { Host })).status, 403, Host)
  })
})

describe('headers that mean two things', () => {
  const request = 'GET /server/info HTTP/1.1'
  test('of two Host headers neither counts', async (t) => {
    const house = await lockedHouse(t, configuration)
    for (const other of ['evil.example', 'localhost'])
      assert.match(
        await raw(house, [request, 'Host: localhost', `Host: ${other}`]),
        /^HTTP\/1\.1 (?:400|403) /,
      )
  })

  test('an address in the request line is no path', async (t) => {
    const house = await lockedHouse(t, configuration)
    const reply = await raw(house, ['GET http://evil.example/server/info HTTP/1.1', 'Host: localhost'])
    assert.match(reply, /^HTTP\/1\.1 404 /)
  })

  test('several X-Forwarded-For are one list', async (t) => {
    const house = await lockedHouse(t, configuration)
    const reply = await raw(house, [
      request,
      'Host: localhost',
      'X-Forwarded-For: 127.0.0.1',
      'X-Forwarded-For: 8.8.8.8',
    ])
    assert.match(reply, /^HTTP\/1\.1 401 /)
  })

  test('of two tokens, or a key given twice, none opens', async (t) => {
    const house = await lockedHouse(t)
    const key = `X-Api-Key: ${house.key}`
    assert.match(await raw(house, [request, 'Host: localhost', key]), /^HTTP\/1\.1 200 /)
    assert.match(await raw(house, [request, 'Host: localhost', key, 'X-Api-Key: x']), /^HTTP\/1\.1 401 /)
    assert.match(
      await raw(house, [request, 'Host: localhost', `X_Api_Key: ${house.key}`]),
      /^HTTP\/1\.1 401 /,
    )
    assert.match(
      await raw(house, [request, 'Host: localhost', `X-Api-Key : ${house.key}`]),
      /^HTTP\/1\.1 400 /,
    )
  })

  test('a length and chunks are refused', async (t) => {
    const house = await lockedHouse(t, configuration)
    const lines = [
      'POST /machine/update/full HTTP/1.1',
      'Host: localhost',
      'Content-Length: 4',
      'Transfer-Encoding: chunked',
    ]
    assert.match(await raw(house, lines), /^HTTP\/1\.1 400 /)
    assert.deepEqual(house.engine.calls, [])
  })

  test('a token without end is refused, and the server goes on', async (t) => {
    const house = await lockedHouse(t)
    const long = 'A'.repeat(100_000)
    assert.match(
      await raw(house, [request, 'Host: localhost', `Authorization: Bearer ${long}`]),
      /^HTTP\/1\.1 431 /,
    )
    assert.match(
      await raw(house, [`GET /server/info?access_token=${long} HTTP/1.1`, 'Host: localhost']),
      /^HTTP\/1\.1 431 /,
    )
    const most = { Authorization: `Bearer ${'A'.repeat(8_000)}` }
    assert.equal((await house.http('GET', '/server/info', most)).status, 401)
  })
})

describe('/server/redirect', () => {
  const table: readonly (readonly [query: string, status: number, location?: string])[] = [
    ['', 400],
    ['?url=', 400],
    ['?url=x', 400],
    ['?url=http://evil.example', 400],
    ['?url=http://app.example.test', 302, 'http://app.example.test/'],
    ['?url=http://app.example.test/page%3Fa=b', 302, 'http://app.example.test/page?a=b'],
    ['?url=http://evil.example/.local', 400],
    ['?url=http://evil.example%23.local', 400],
    ['?url=http://evil.example%5C.local', 400],
    ['?url=http://foo.local@evil.example', 400],
    ['?url=http://evil.example@foo.local', 302, 'http://evil.example@foo.local/'],
    ['?url=//foo.local', 400],
    ['?url=javascript://foo.local/%250aalert(1)', 400],
    ['?url=data:text/html,x.local', 400],
    ['?url=http://foo.local%0d%0aSet-Cookie:a=b', 400],
    ['?url=http://foo.local/%0d%0aSet-Cookie:a=b', 302, 'http://foo.local/Set-Cookie:a=b'],
    ['?url=http://app.example.test&url=http://evil.example', 400],
  ]
  for (const [query, status, location] of table)
    test(query, async (t) => {
      const house = await lockedHouse(t, configuration.replace('127.0.0.1', '10.0.0.1'))
      const reply = await house.http('GET', `/server/redirect${query}`)
      assert.equal(reply.status, status)
      assert.equal(reply.headers.location, location)
      assert.equal(reply.headers['set-cookie'], undefined)
    })
})
