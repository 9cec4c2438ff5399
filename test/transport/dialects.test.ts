import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Dialect, DialectRequest } from '../../src/rpc/dialect.js'
import { MoonkeeperError } from '../../src/contract/error.js'
import { ask, serve, type HttpReply } from '../support/socket.js'

interface House {
  /** What was asked, as it came to the dialect. */
  readonly seen: DialectRequest[]
  on: boolean
  readonly ask: (
    verb: string,
    where: string,
    headers?: Record<string, string>,
    body?: string,
  ) => Promise<HttpReply>
  readonly logged: () => string
}

const house = async (t: TestContext, prefix = ''): Promise<House> => {
  const note =
    (name: string) =>
    async (request: DialectRequest): Promise<{ status: number; body: unknown }> => {
      seen.push(request)
      return { status: 200, body: [name, request.parameters] }
    }
  const seen: DialectRequest[] = []
  const dialect: Dialect = {
    name: 'test',
    isOn: () => scene.on,
    routes: [
      { verb: 'GET', path: '/things/{id}', scope: 'read', respond: note('one') },
      { verb: 'GET', path: '/things/special', scope: 'read', respond: note('special') },
      { verb: 'POST', path: '/things/{id}/parts/{part}', scope: 'update', respond: note('part') },
      { verb: 'POST', path: '/empty', scope: 'own', respond: async () => ({ status: 204 }) },
      {
        verb: 'POST',
        path: '/refuses',
        scope: 'own',
        respond: async () => {
          throw new MoonkeeperError('pinned', 'no')
        },
      },
      {
        verb: 'POST',
        path: '/breaks',
        scope: 'own',
        respond: async () => {
          throw new Error('secret details')
        },
      },
      {
        verb: 'POST',
        path: '/reads',
        scope: 'own',
        respond: async (request) => ({ status: 200, body: (await request.body()).length }),
      },
    ],
    refuse: ({ kind, message }, status) => ({ status, body: { refused: kind, message, status } }),
  }
  const served = await serve(undefined, {}, undefined, prefix, [dialect])
  t.after(() => served.stop())
  const scene: House = {
    seen,
    on: true,
    ask: (verb, where, headers = {}, body = '') => ask(served.port, verb, where, headers, body),
    logged: () => JSON.stringify(served.inside.log.lines.map(({ message }) => message)),
  }
  return scene
}

test('what is written out comes before what is not; names are decoded', async (t) => {
  const { ask: http, seen } = await house(t)
  for (const [where, answer] of [
    ['/things/special', ['special', {}]],
    ['/things/other?x=1', ['one', { id: 'other' }]],
    ['/things/a%2Fb', ['one', { id: 'a/b' }]],
  ] as const)
    assert.deepEqual((await http('GET', where)).json, answer)
  const part = await http('POST', '/things/1/parts/2')
  assert.deepEqual(part.json, ['part', { id: '1', part: '2' }])
  assert.deepEqual([seen[1]?.path, seen[1]?.query], ['/things/other', 'x=1'])
  assert.deepEqual([seen[0]?.call.dialect, seen[0]?.call.transport], ['test', 'http'])
  for (const where of ['/things', '/things/', '/things/%ff', '/things/1/2', '/thing/1'])
    assert.equal((await http('GET', where)).status, 404, where)
})

test('refusals are told as the dialect tells them, the unexpected without details', async (t) => {
  const { ask: http, logged } = await house(t)
  assert.deepEqual((await http('POST', '/refuses')).json, { refused: 'pinned', message: 'no', status: 409 })
  const wrong = await http('DELETE', '/things/1')
  assert.deepEqual([wrong.status, wrong.headers.allow], [405, 'GET'])
  assert.equal((wrong.json as { refused: string }).refused, 'method_not_found')
  const broken = await http('POST', '/breaks')
  assert.deepEqual([broken.status, broken.body.includes('secret')], [500, false])
  assert.match(logged(), /HTTP request failed/)
  const large = await http('POST', '/reads', {}, ' '.repeat(70_000))
  assert.equal((large.json as { refused: string }).refused, 'too_large')
  const empty = await http('POST', '/empty')
  assert.deepEqual([empty.status, empty.body], [204, ''])
  const foreign = await http('POST', '/empty', { Origin: 'http://elsewhere.example' })
  assert.equal((foreign.json as { refused: string }).refused, 'forbidden')
})

test('one that is off is as unknown as any path, and the prefix stands before all of them', async (t) => {
  const scene = await house(t, '/printer')
  assert.equal((await scene.ask('GET', '/printer/things/1')).status, 200)
  assert.equal(scene.seen[0]?.path, '/printer/things/1')
  const unknown = await scene.ask('GET', '/no/such')
  assert.deepEqual((await scene.ask('GET', '/things/1')).body, unknown.body)
  scene.on = false
  const off = await scene.ask('GET', '/printer/things/1')
  assert.deepEqual([off.status, off.body], [404, unknown.body])
})
