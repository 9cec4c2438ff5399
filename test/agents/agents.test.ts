import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Agents, type AgentEvent } from '../../src/agents/agents.js'
import type { Identity } from '../../src/contract/connection.js'
import { PassedOnError } from '../../src/contract/error.js'
import { fakeConnection, type FakeConnection } from '../support/rpc.js'

interface Bench {
  readonly agents: Agents
  readonly told: [number, AgentEvent][]
  /** What Klipper may call. */
  readonly offered: Map<string, (params: object) => void>
  readonly join: (name: string, id?: number) => FakeConnection
}

const makeBench = (patience = 60_000): Bench => {
  const told: [number, AgentEvent][] = []
  const offered = new Map<string, (params: object) => void>()
  const agents = new Agents({
    tell: (agent, event) => void told.push([agent.id, event]),
    offer: (name, method) => {
      if (offered.has(name)) throw new Error('taken')
      offered.set(name, method)
      return () => void offered.delete(name)
    },
    patience,
  })
  const join = (name: string, id = 7): FakeConnection => {
    const identity: Identity = { name, version: '1', type: 'agent', url: 'x' }
    const connection = fakeConnection(id)
    agents.join(connection, identity)
    connection.identity = identity
    return connection
  }
  return { agents, told, offered, join }
}

interface Sent {
  readonly method: string
  readonly params?: unknown
  readonly id?: number
}

const sentTo = ({ sent }: FakeConnection): Sent[] => sent.map((text) => JSON.parse(text) as Sent)

test('who comes and goes is told, and listed as long as they are there', () => {
  const { agents, told, join } = makeBench()
  const connection = join('a')
  const identity = { name: 'a', version: '1', type: 'agent', url: 'x' }
  assert.deepEqual(agents.list(), [identity])
  assert.throws(() => join('a', 8), {
    kind: 'refused',
    message: "Agent 'a' already registered and connected'",
  })
  agents.leave(fakeConnection(9))
  agents.leave({ ...fakeConnection(8), identity })
  assert.equal(agents.list().length, 1)
  agents.leave(connection)
  agents.leave(connection)
  assert.deepEqual(agents.list(), [])
  assert.deepEqual(told, [
    [7, { agent: 'a', event: 'connected', data: identity }],
    [7, { agent: 'a', event: 'disconnected' }],
  ])
  join('a')
})

test('an agent tells of what happens, nobody else does, and its coming and going are not its own', () => {
  const { agents, told, join } = makeBench()
  const connection = join('a')
  agents.sendEvent(connection, 'done', { x: [1] })
  agents.sendEvent(connection, 'over', undefined)
  assert.deepEqual(told.slice(1), [
    [7, { agent: 'a', event: 'done', data: { x: [1] } }],
    [7, { agent: 'a', event: 'over' }],
  ])
  for (const event of ['connected', 'disconnected'])
    assert.throws(() => agents.sendEvent(connection, event, null), {
      message: `Event '${event}' is reserved`,
    })
  const other = fakeConnection(8)
  assert.throws(() => agents.sendEvent(other, 'x', null), {
    kind: 'refused',
    message: "Only connections of the 'agent' type can send events",
  })
  assert.throws(() => agents.offerToKlipper(other, 'x'), {
    message: "Only connections of the 'agent' type can register methods",
  })
})

test('Klipper calls what an agent offers, as long as it is there', () => {
  const { agents, offered, join } = makeBench()
  const connection = join('a')
  agents.offerToKlipper(connection, 'notify')
  offered.get('notify')?.({ text: 'x' })
  offered.get('notify')?.({})
  assert.deepEqual(sentTo(connection), [
    { jsonrpc: '2.0', method: 'notify', params: { text: 'x' } },
    { jsonrpc: '2.0', method: 'notify' },
  ])
  assert.throws(() => agents.offerToKlipper(connection, 'notify'), /taken/)
  agents.leave(connection)
  assert.equal(offered.size, 0)
})

describe('a request', () => {
  test('is asked on the connection of the agent, and answered with what it answers', async () => {
    const { agents, join } = makeBench()
    const connection = join('a')
    const answers = [agents.request('a', 'one', { x: 1 }), agents.request('a', 'two', null)]
    const [one, two] = sentTo(connection) as [Sent, Sent]
    assert.deepEqual(one, { jsonrpc: '2.0', method: 'one', params: { x: 1 }, id: one.id })
    assert.deepEqual(two, { jsonrpc: '2.0', method: 'two', id: two.id })
    agents.receive(connection, { id: two.id, result: 'second' })
    agents.receive(connection, { id: one.id, result: { first: true } })
    assert.deepEqual(await Promise.all(answers), [{ first: true }, 'second'])
  })

  test('is answered by its agent only, and once', async () => {
    const { agents, join } = makeBench()
    const [connection, other] = [join('a'), join('b', 8)]
    const answer = agents.request('a', 'm', null)
    const id = sentTo(connection)[0]?.id
    agents.receive(other, { id, result: 'evil' })
    agents.receive(fakeConnection(9), { id, result: 'evil' })
    for (const wrong of [{}, { id: null }, { id: 99 }, { id: String(id) }, { id: { x: 1 } }])
      agents.receive(connection, { ...wrong, result: 'evil' })
    agents.receive(connection, { id, result: 'good' })
    agents.receive(connection, { id, result: 'late' })
    assert.equal(await answer, 'good')
  })

  for (const [answer, data] of [
    [{ error: { code: 5, message: 'no' } }, { code: 5, message: 'no' }],
    [{ result: null }, null],
    [{}, null],
  ] as const)
    test(`that the agent refuses with ${JSON.stringify(answer)} is refused with that`, async () => {
      const { agents, join } = makeBench()
      const connection = join('a')
      const refused = agents.request('a', 'm', null)
      agents.receive(connection, { id: sentTo(connection)[0]?.id, ...answer })
      await assert.rejects(refused, (thrown: unknown) => {
        assert.ok(thrown instanceof PassedOnError)
        assert.deepEqual(
          [thrown.message, thrown.kind, thrown.data],
          ['Agent a RPC error', 'agent_failed', data],
        )
        return true
      })
    })

  test('to an agent that goes is refused, and so is one to nobody', async () => {
    const { agents, join } = makeBench()
    const connection = join('a')
    const lost = agents.request('a', 'm', null)
    agents.leave(connection)
    await assert.rejects(lost, { kind: 'agent_gone', status: 500, message: 'Client Socket Disconnected' })
    for (const name of ['a', '', '__proto__'])
      await assert.rejects(agents.request(name, 'm', null), { message: `Agent ${name} not connected` })
  })

  test('that is not answered in time is given up', async () => {
    const { agents, join } = makeBench(1)
    const connection = join('a')
    await assert.rejects(agents.request('a', 'm', null), {
      kind: 'agent_failed',
      message: 'Agent a did not answer within 0.001 s',
    })
    agents.receive(connection, { id: sentTo(connection)[0]?.id, result: 'late' })
  })

  test('is refused while too many wait', async () => {
    const { agents, join } = makeBench()
    const connection = join('a')
    const all = Array.from({ length: 100 }, () => agents.request('a', 'm', null))
    await assert.rejects(agents.request('a', 'm', null), { kind: 'agent_failed' })
    for (const { id } of sentTo(connection)) agents.receive(connection, { id, result: id })
    assert.equal((await Promise.all(all)).length, 100)
  })
})
