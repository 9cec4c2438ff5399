import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Agents } from '../../src/agents/agents.js'
import { Subscribers } from '../../src/transport/subscribers.js'
import { fakeApp } from '../support/rpc.js'
import { ask, openClient, serve, type Client } from '../support/socket.js'

interface House {
  readonly port: number
  /** A client that said who it is. */
  readonly enter: (name: string, type?: string) => Promise<Client>
}

const open = async (t: TestContext): Promise<House> => {
  const subscribers = new Subscribers()
  const agents = new Agents({
    tell: (agent, { data, ...event }) =>
      subscribers.broadcastBeside(agent, 'notify_agent_event', {
        ...event,
        ...(data && { data: data as object as [] }),
      }),
    offer: () => () => undefined,
    patience: 60_000,
  })
  subscribers.onLeave((connection) => agents.leave(connection))
  const served = await serve({ ...fakeApp(), agents }, {}, subscribers)
  t.after(() => served.stop())
  const enter = async (name: string, type = 'agent'): Promise<Client> => {
    const client = await openClient(served.port)
    const params = { client_name: name, version: '1', type, url: 'x' }
    await client.ask(JSON.stringify({ jsonrpc: '2.0', method: 'server.connection.identify', params, id: 1 }))
    return client
  }
  return { port: served.port, enter }
}

interface Frame {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data: unknown }
}

const next = async ({ frames }: Client): Promise<Frame> => JSON.parse(await frames.take()) as Frame

const say = ({ socket }: Client, frame: object): void =>
  socket.send(JSON.stringify({ jsonrpc: '2.0', ...frame }))

const request = { jsonrpc: '2.0', method: 'server.extensions.request', id: 5 }

test('an agent is asked over its own connection, and its answer goes to whoever asked', async (t) => {
  const { enter, port } = await open(t)
  const watcher = await enter('watcher', 'web')
  const agent = await enter('helper')
  const identity = { name: 'helper', version: '1', type: 'agent', url: 'x' }
  const connected = { agent: 'helper', event: 'connected', data: identity }
  assert.deepEqual(await next(watcher), { jsonrpc: '2.0', method: 'notify_agent_event', params: [connected] })

  say(watcher, { ...request, params: { agent: 'helper', method: 'add', arguments: [1, 2] } })
  const asked = await next(agent)
  assert.deepEqual([asked.method, asked.params], ['add', [1, 2]])
  say(agent, { id: asked.id, result: 3 })
  assert.deepEqual(await next(watcher), { jsonrpc: '2.0', result: 3, id: 5 })

  const overHttp = ask(port, 'POST', '/server/extensions/request?agent=helper&method=one')
  const again = await next(agent)
  assert.equal('params' in again, false)
  say(agent, { id: again.id, result: { one: 1 } })
  assert.deepEqual((await overHttp).json, { result: { one: 1 } })

  say(watcher, { ...request, params: { agent: 'helper', method: 'fail' } })
  say(agent, { id: (await next(agent)).id, error: { code: 7, message: 'no' } })
  assert.deepEqual((await next(watcher)).error, {
    code: 400,
    message: 'Agent helper RPC error',
    data: { code: 7, message: 'no' },
  })

  say(agent, { method: 'connection.send_event', params: { event: 'tick', data: { n: 1 } }, id: 9 })
  assert.equal((await next(agent)).result, 'ok')
  assert.deepEqual((await next(watcher)).params, [{ agent: 'helper', event: 'tick', data: { n: 1 } }])

  say(watcher, { ...request, params: { agent: 'helper', method: 'hang' } })
  await next(agent)
  agent.socket.terminate()
  const [first, second] = [await next(watcher), await next(watcher)]
  assert.deepEqual(
    [first, second].map(({ error, params }) => error?.message ?? params),
    [[{ agent: 'helper', event: 'disconnected' }], 'Client Socket Disconnected'],
  )
  watcher.socket.terminate()
})

test('of one name there is one agent; the second may take another', async (t) => {
  const { enter } = await open(t)
  const first = await enter('helper')
  const second = await openClient((first.socket.url.match(/:(\d+)/) ?? [])[1] as unknown as number)
  const params = { client_name: 'helper', version: '1', type: 'agent', url: 'x' }
  const identify = (name: string): Promise<unknown> =>
    second.ask(
      JSON.stringify({
        jsonrpc: '2.0',
        method: 'server.connection.identify',
        params: { ...params, client_name: name },
        id: 1,
      }),
    )
  const refused = (await identify('helper')) as Frame
  assert.deepEqual(
    [refused.error?.code, refused.error?.message],
    [400, "Agent 'helper' already registered and connected'"],
  )
  assert.equal(((await identify('other')) as Frame).error, undefined)
  first.socket.terminate()
  second.socket.terminate()
})

test('who is no agent is refused what agents may', async (t) => {
  const { enter } = await open(t)
  const client = await enter('page', 'web')
  for (const [method, params, message] of [
    ['connection.send_event', {}, "Only connections of the 'agent' type can send events"],
    [
      'connection.register_remote_method',
      { method_name: 'x' },
      "Only connections of the 'agent' type can register methods",
    ],
    ['server.extensions.request', { agent: 'x', method: 'y' }, 'Agent x not connected'],
    [
      'server.extensions.request',
      { agent: 'x', method: 'y', arguments: 5 },
      "The 'arguments' field must contain an object or a list",
    ],
    ['server.extensions.request', { agent: 'x' }, 'No data for argument: method'],
  ] as const) {
    say(client, { method, params, id: 1 })
    const { error } = await next(client)
    assert.deepEqual([error?.code, error?.message], [400, message])
  }
  client.socket.terminate()
})
