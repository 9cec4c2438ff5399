import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { methodTable } from '../../src/contract/generated/tables.js'
import type { Scope } from '../../src/contract/requester.js'
import { methods } from '../../src/methods/index.js'
import { octoprintPaths } from '../../src/transport/octoprint-routes.js'
import { buildRoutes, webSocketPaths } from '../../src/transport/routes.js'
import { lockedHouse, type Answer } from '../support/access.js'
import { bearer, createWorld, isAtLeast, type World } from '../support/credentials.js'
import { fakeInside, openRaw } from '../support/socket.js'

/*
 * Every method and every path, without, with wrong, expired and too narrow credentials. It goes through the generated
 * table, so that a new method is in it without a word being written here.
 */

/** What needs nobody to be known. compat: server.connection.identify asks itself. */
const open = ['access.info', 'access.login', 'access.refresh_jwt', 'server.connection.identify']

const rpc = (method: string, params?: object): object => ({
  jsonrpc: '2.0',
  method,
  id: 1,
  ...(params && { params }),
})

const isUnauthorized = ({ error }: Answer): boolean =>
  error?.message === 'Unauthorized' && error.code === -32602

const isForbidden = ({ error }: Answer): boolean => error?.data?.code === 'forbidden'

const entries = Object.entries(methodTable)

describe('every method', () => {
  const hooks: (() => unknown)[] = []
  let world: World
  before(async () => (world = await createWorld({ after: (hook) => void hooks.push(hook as () => unknown) })))
  after(async () => {
    for (const hook of hooks.reverse()) await hook()
  })

  /** The path with a question mark and what belongs behind it. */
  const at = (path: string, query: string): string => (query === '' ? path : `${path}?${query}`)

  test('has a scope, and what is open is a short list', () => {
    assert.deepEqual(Object.keys(methodTable).sort(), Object.keys(methods).sort())
    assert.deepEqual(
      entries.flatMap(([name, { scope }]) => (scope === 'open' ? [name] : [])).sort(),
      [...open].sort(),
    )
  })

  test('keeps what is secret out of the log: its schema says what is', () => {
    for (const [name, { params }] of entries)
      for (const param of params)
        if (/password|token|secret|api_?key/.test(param.name))
          assert.equal(param.secret, true, `${name}: ${param.name} needs "writeOnly": true`)
  })

  test('is refused over a WebSocket by whoever is nobody', async () => {
    const { house, bad } = world
    for (const [who, headers, query] of bad) {
      const socket = await house.socket(headers, query === '' ? '' : `?${query}`)
      for (const [name] of entries.filter(([, { transports }]) => transports.includes('websocket')))
        if (!open.includes(name)) assert.ok(isUnauthorized(await socket.call(name)), `${name}: ${who}`)
      socket.socket.terminate()
    }
  })

  test('is refused over JSON-RPC by HTTP by whoever is nobody', async () => {
    const { house, bad } = world
    for (const [who, headers, query] of bad)
      for (const [name] of entries.filter(([, { transports }]) => transports.includes('http'))) {
        if (open.includes(name)) continue
        const { status, json } = await house.http('POST', at('/server/jsonrpc', query), headers, rpc(name))
        const refused = status === 401 || (status === 200 && isUnauthorized(json as Answer))
        assert.ok(refused, `${name}: ${who}: ${status}`)
      }
  })

  test('is refused at its path by whoever is nobody', async () => {
    const { house, bad } = world
    for (const [who, headers, query] of bad)
      for (const [name, { http }] of entries) {
        if (http === null || open.includes(name)) continue
        const reply = await house.http(http.verb, at(http.path, query), headers)
        assert.deepEqual([reply.status, reply.reason], [401, 'Unauthorized'], `${name}: ${who}`)
      }
  })

  test('did nothing so far', () => {
    assert.deepEqual(world.house.engine.calls, [])
    assert.equal(world.house.access.accounts.list().users.length, 5)
  })

  const users: readonly (readonly [name: string, scope: Scope])[] = [
    ['reader', 'read'],
    ['updater', 'update'],
    ['owner', 'admin'],
    ['unlisted', 'read'],
  ]
  for (const [user, scope] of users)
    test(`is done for ${user} as far as the scope ${scope} reaches, at every door`, async () => {
      const { house, tokens } = world
      const headers = bearer(tokens[user] ?? '')
      for (const [name, { scope: needed, http, transports }] of entries) {
        // These end the world that the others are asked in.
        if (
          ['access.logout', 'access.delete_user', 'server.restart'].includes(name) &&
          isAtLeast(scope, needed)
        )
          continue
        const socket = await house.socket(headers)
        const answers: readonly (readonly [door: string, answer: Answer])[] = [
          ['WebSocket', await socket.call(name)],
          ...(transports.includes('http')
            ? [
                [
                  'JSON-RPC',
                  (await house.http('POST', '/server/jsonrpc', headers, rpc(name))).json as Answer,
                ] as const,
              ]
            : []),
          ...(http === null
            ? []
            : [['HTTP', (await house.http(http.verb, http.path, headers)).json as Answer] as const]),
        ]
        socket.socket.terminate()
        for (const [door, answer] of answers) {
          const about = `${name} at ${door}: ${JSON.stringify(answer)}`
          assert.equal(isForbidden(answer), !isAtLeast(scope, needed), about)
          assert.ok(!isUnauthorized(answer), about)
        }
      }
    })

  test('of every other scope than open is refused to a key that has less', async () => {
    const { house } = world
    const key = house.access.accounts.apiKey()
    for (const [name, { http, scope }] of entries) {
      if (http === null || scope === 'open' || scope === 'read') continue
      const reply = await house.http(http.verb, http.path, { 'X-Api-Key': key })
      assert.equal(reply.status, 403, `${name}: the key is not named in scopes`)
      assert.match(reply.body, /_API_KEY_USER_ has the scope read, and .* needs (update|admin).*scopes/)
    }
  })
})

describe('every path', () => {
  const inside = fakeInside()
  /** What is served, asked of the doors themselves: the methods' paths and all others. */
  const paths = [...buildRoutes(inside, 'v1', '', []).paths.keys(), ...octoprintPaths]
  const others = [
    '/no/such',
    '/server',
    '/server/',
    '/server/info/',
    '//server/info',
    '/Server/Info',
    '/server/files/x.log',
    '/server/files/config/printer.cfg',
  ]
  const verbs = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE']
  const openRoutes = [
    ...entries.flatMap(([name, { http }]) =>
      http !== null && open.includes(name) ? [`${http.verb} ${http.path}`] : [],
    ),
    'POST /server/jsonrpc',
    'GET /server/redirect',
    ...webSocketPaths.map((path) => `GET ${path}`),
    'GET /',
  ]

  test('is shut with every verb, also where there is nothing', async (t) => {
    const house = await lockedHouse(t)
    for (const path of [...paths, ...others])
      for (const verb of verbs) {
        const { status, headers } = await house.http(verb, path)
        const isOpen = openRoutes.includes(`${verb} ${path}`)
        assert.equal(status === 401, !isOpen, `${verb} ${path}: ${status}`)
        if (!isOpen) assert.equal(headers.allow, undefined, 'what there is, is not told')
      }
  })

  test('of the page at /: it tells nobody what runs here', async (t) => {
    const house = await lockedHouse(t)
    assert.ok(!(await house.http('GET', '/')).body.includes('v1.2.3'))
    assert.ok((await house.http('GET', '/', { 'X-Api-Key': house.key })).body.includes('v1.2.3'))
  })

  test('takes little from whoever is nobody', async (t) => {
    const house = await lockedHouse(t)
    const post = async (size: number, headers = {}): Promise<number> => {
      const body = { jsonrpc: '2.0', method: 'access.info', id: 1, x: 'x'.repeat(size) }
      return (await house.http('POST', '/server/jsonrpc', headers, body)).status
    }
    assert.equal(await post(60_000), 200)
    assert.equal(await post(70_000), 413)
    assert.equal(await post(2_000_000, { 'X-Api-Key': house.key }), 200)
    const stranger = await house.socket()
    stranger.socket.send('x'.repeat(1024 * 1024 + 1))
    assert.equal((await stranger.closed).code, 1009)
    const known = await house.socket({ 'X-Api-Key': house.key })
    known.socket.send(' '.repeat(2 * 1024 * 1024))
    assert.match(await known.frames.take(), /Parse error/)
  })

  test('is refused before a body is read', async (t) => {
    const house = await lockedHouse(t)
    const socket = await openRaw(house.served.port)
    socket.write('POST /machine/update/full HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n')
    const [head] = (await new Promise<Buffer>((resolve) => socket.once('data', resolve)))
      .toString()
      .split('\r\n')
    assert.equal(head, 'HTTP/1.1 401 Unauthorized')
    socket.destroy()
  })
})
