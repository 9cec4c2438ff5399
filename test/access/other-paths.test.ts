import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { methodTable } from '../../src/contract/generated/tables.js'
import type { Configuration } from '../../src/config/index.js'
import type { Scope } from '../../src/contract/requester.js'
import { createDialects } from '../../src/parts/dialects.js'
import type { Dialect } from '../../src/rpc/dialect.js'
import { octoprintPaths } from '../../src/transport/octoprint-routes.js'
import { buildRoutes, verbsAt } from '../../src/transport/routes.js'
import type { Answer } from '../support/access.js'
import { configScene } from '../support/config.js'
import { bearer, createWorld, isAtLeast, type World } from '../support/credentials.js'
import { makeRoots } from '../support/roots.js'
import { absentKlipper } from '../support/rpc.js'

/*
 * What has a path and is no method: each of them is written down here with what it needs, and a new one that is not fails.
 * Methods go through every-door.test.ts by themselves.
 */

const file = '/server/files/config/printer.cfg'

const needed: Readonly<Record<string, Scope | 'open'>> = {
  'GET /': 'open',
  'POST /server/jsonrpc': 'open',
  'GET /websocket': 'open',
  // Open until it is a WebSocket: see bridge.test.ts.
  'GET /klippysocket': 'open',
  'GET /server/redirect': 'open',
  'POST /server/files/upload': 'admin',
  'POST /machine/update/images/upload': 'update',
  'GET /machine/update/images/built': 'update',
  'GET /api/version': 'read',
  'GET /api/server': 'read',
  'POST /api/login': 'read',
  [`GET ${file}`]: 'read',
  [`HEAD ${file}`]: 'read',
  [`DELETE ${file}`]: 'admin',
  // What only this machine's Klipper knows: what it does is not known here. Nor is that it looks only.
  'GET /printer/custom/thing': 'admin',
  'POST /printer/custom/thing': 'admin',
}

const users = [
  ['reader', 'read'],
  ['updater', 'update'],
  ['owner', 'admin'],
] as const

/** All that are served by now, whatever they are called. */
const allDialects = async (t: Parameters<typeof configScene>[0]): Promise<readonly Dialect[]> => {
  const create = (configuration: Configuration): readonly Dialect[] =>
    createDialects({
      configuration: () => configuration,
      version: 'v',
      commands: {
        run: () => Promise.reject(new Error('nobody may run anything here')),
      },
      reserved: () => [],
    })
  const names = create(await (await configScene(t, '')).load()).map(({ name }) => name)
  return create(await (await configScene(t, `[moonkeeper]\ndialects: ${names.join(' ')}\n`)).load())
}

describe('every path that is no method', () => {
  const hooks: (() => unknown)[] = []
  const t = { after: (hook: unknown): void => void hooks.push(hook as () => unknown) }
  let world: World
  let dialects: readonly Dialect[]
  before(async () => {
    const { files } = await makeRoots(t)
    dialects = await allDialects(t)
    const klipper = {
      ...absentKlipper,
      endpointOf: (method: string) => (method === 'printer.custom.thing' ? 'custom/thing' : null),
    }
    world = await createWorld(t, { app: { files, klipper }, dialects })
  })
  after(async () => {
    for (const hook of hooks.reverse()) await hook()
  })

  test('is written down here, with what it needs', () => {
    const { inside } = world.house.served
    const routes = buildRoutes(inside, 'v', '', dialects)
    const served = [...routes.paths.keys(), ...octoprintPaths, file, '/printer/custom/thing'].flatMap(
      (path) => [...(verbsAt(inside, routes, path)?.keys() ?? [])].map((verb) => [verb, path] as const),
    )
    const isMethod = (verb: string, path: string): boolean =>
      Object.values(methodTable).some(
        ({ http, klipper, params }) =>
          http?.path === path &&
          // What takes orders takes them by POST.
          (klipper !== undefined ||
            http.verb === verb ||
            (verb === 'POST' && params.some(({ scope }) => scope !== undefined))),
      )
    const others = served.filter(([verb, path]) => !isMethod(verb, path)).map((route) => route.join(' '))
    assert.deepEqual(others.sort(), Object.keys(needed).sort())
  })

  test('is shut to whoever is nobody, whatever they show', async () => {
    const { house, bad } = world
    for (const [who, headers, query] of bad)
      for (const [route, scope] of Object.entries(needed)) {
        if (scope === 'open') continue
        const [verb = '', path = ''] = route.split(' ')
        const reply = await house.http(verb, query === '' ? path : `${path}?${query}`, headers)
        assert.deepEqual([reply.status, reply.reason], [401, 'Unauthorized'], `${route}: ${who}`)
      }
  })

  for (const [user, scope] of users)
    test(`is open for ${user} as far as the scope ${scope} reaches`, async () => {
      const { house, tokens } = world
      for (const [route, needs] of Object.entries(needed)) {
        const [verb = '', path = ''] = route.split(' ')
        const { status, json } = await house.http(verb, path, bearer(tokens[user] ?? ''))
        assert.notEqual(status, 401, route)
        // What is let in may be refused for what it is.
        const isRefused = status === 403 && /has the scope/.test(JSON.stringify((json as Answer).error ?? ''))
        if (verb !== 'HEAD') assert.equal(isRefused, !isAtLeast(scope, needs), `${route}: ${status}`)
      }
    })

  test('with an argument that needs more is refused to who may less', async () => {
    const { house, tokens } = world
    for (const [method, { http, params }] of Object.entries(methodTable))
      for (const { name, scope } of params) {
        if (scope === undefined) continue
        for (const [user, has] of users) {
          const headers = bearer(tokens[user] ?? '')
          const about = `${method} ${name} ${user}`
          const socket = await house.socket(headers)
          const told = JSON.stringify((await socket.call(method, { [name]: true })).error ?? '')
          socket.socket.terminate()
          assert.equal(/has the scope/.test(told), !isAtLeast(has, scope), `${about}: ${told}`)
          if (http === null || isAtLeast(has, scope)) continue
          const reply = await house.http('POST', http.path, headers, { [name]: true })
          assert.equal(reply.status, 403, about)
        }
      }
  })

  test('of another API is shut to whoever is nobody, whatever they show', async () => {
    const { house, bad } = world
    const routes = dialects.flatMap((dialect) => dialect.routes)
    assert.ok(routes.length > 0)
    for (const [who, headers, query] of bad)
      for (const { verb, path } of routes) {
        const where = path.replaceAll(/\{[^}]+\}/g, 'app')
        const reply = await house.http(verb, query === '' ? where : `${where}?${query}`, headers)
        assert.ok(
          [401, 403].includes(reply.status),
          `${verb} ${where}: ${who}: ${reply.status} ${reply.body}`,
        )
      }
    assert.deepEqual(house.engine.calls, [])
  })
})
