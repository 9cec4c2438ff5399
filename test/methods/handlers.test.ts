import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MethodMap, MethodName } from '../../src/contract/generated/types.js'
import { HistoryEntry as isHistoryEntry } from '../../src/contract/generated/validators.js'
import { Serialized } from '../../src/contract/serialized.js'
import { createDispatcher } from '../../src/rpc/dispatcher.js'
import { makeIdleEngine } from '../support/engine.js'
import { temporaryFolder } from '../support/folder.js'
import { historyEntry } from '../support/history.js'
import { emptyStatus, fakeApp, fakeCall, fakeEngine, fakeLog } from '../support/rpc.js'

const upgradeGuard = ['refuseWhilePrinting', 'upgrade']
const guard = (what: string): string[] => ['refuseWhilePrinting', what]
const soft = { hard: false, updateDependencies: false }

/** What each method asks of the engine, in this order. */
const table: readonly [MethodName, Record<string, unknown>, unknown[][]][] = [
  ['machine.update.client', { name: 'x' }, [upgradeGuard, ['upgrade', 'x']]],
  ['machine.update.client', {}, [upgradeGuard, ['upgradeAll']]],
  ['machine.update.upgrade', { name: 'x' }, [upgradeGuard, ['upgrade', 'x']]],
  ['machine.update.upgrade', { name: '' }, [upgradeGuard, ['upgrade', '']]],
  ['machine.update.upgrade', {}, [upgradeGuard, ['upgradeAll']]],
  ['machine.update.full', {}, [upgradeGuard, ['upgradeAll']]],
  ['machine.update.klipper', { include_deps: true }, [upgradeGuard, ['upgrade', 'klipper']]],
  ['machine.update.moonraker', {}, [upgradeGuard, ['upgrade', 'moonraker']]],
  ['machine.update.system', {}, [upgradeGuard, ['upgrade', 'system']]],
  ['machine.update.recover', { name: 'x' }, [guard('recover'), ['recover', 'x', soft]]],
  [
    'machine.update.recover',
    { name: 'x', hard: 'True', update_deps: true },
    [guard('recover'), ['recover', 'x', { hard: true, updateDependencies: true }]],
  ],
  ['machine.update.rollback', { name: 'x' }, [guard('rollback'), ['rollback', 'x']]],
]

describe('changes go to the engine, and answer ok', () => {
  for (const [method, params, calls] of table)
    test(`${method} ${JSON.stringify(params)}`, async () => {
      const engine = fakeEngine()
      const answer = await createDispatcher(fakeLog()).invoke(method, params, fakeCall(fakeApp(engine)))
      assert.equal(answer, 'ok')
      assert.deepEqual(engine.calls, calls)
    })
})

const looks: readonly [MethodName, Record<string, unknown>, unknown[][]][] = [
  ['machine.update.status', {}, []],
  ['machine.update.status', { refresh: false }, []],
  ['machine.update.status', { refresh: true }, [['refreshIfAllowed']]],
  ['machine.update.refresh', {}, [['refresh', null]]],
  ['machine.update.refresh', { name: 'x' }, [['refresh', 'x']]],
]

describe('looks answer with the state', () => {
  for (const [method, params, calls] of looks)
    test(`${method} ${JSON.stringify(params)}`, async () => {
      const engine = fakeEngine()
      const answer = await createDispatcher(fakeLog()).invoke(method, params, fakeCall(fakeApp(engine)))
      assert.ok(answer instanceof Serialized)
      assert.deepEqual(answer.value, emptyStatus)
      assert.deepEqual(engine.calls, calls)
    })
})

describe('machine.update.history', () => {
  const dispatcher = createDispatcher(fakeLog())
  const page = { limit: 20, offset: 0 }
  const asked: readonly [Record<string, unknown>, object][] = [
    [{}, { name: null, ...page }],
    [{ name: 'x' }, { name: 'x', ...page }],
    [
      { limit: '5', offset: 10 },
      { name: null, limit: 5, offset: 10 },
    ],
  ]
  for (const [params, query] of asked)
    test(`asks the engine: ${JSON.stringify(params)}`, async () => {
      const engine = fakeEngine()
      const answer = await dispatcher.invoke('machine.update.history', params, fakeCall(fakeApp(engine)))
      assert.deepEqual(answer, { entries: [], total: 0 })
      assert.deepEqual(engine.calls, [['history', query]])
    })

  for (const params of [{ limit: 0 }, { limit: 101 }, { limit: -1 }, { offset: -1 }, { limit: 'many' }])
    test(`refuses ${JSON.stringify(params)} before the engine is asked`, async () => {
      const engine = fakeEngine()
      const call = fakeCall(fakeApp(engine), 'http')
      await assert.rejects(dispatcher.invoke('machine.update.history', params, call), { status: 400 })
      assert.deepEqual(engine.calls, [])
    })

  test('answers what its schema says, from a history on the disk', async (t) => {
    const bench = await makeIdleEngine(await temporaryFolder(t), {})
    await bench.history.append(historyEntry(1))
    await bench.history.append(historyEntry(2, { application: 'other', outcome: 'failed', message: 'No.' }))
    const call = fakeCall(fakeApp(bench.engine))
    const ask = (params: Record<string, unknown>): Promise<unknown> =>
      dispatcher.invoke('machine.update.history', params, call)
    const answer = (await ask({})) as MethodMap['machine.update.history']['result']
    assert.ok(answer.entries.every((entry) => isHistoryEntry(entry)))
    assert.deepEqual(
      [answer.total, answer.entries.map(({ job, application }) => [job, application])],
      [
        2,
        [
          ['job-2', 'other'],
          ['job-1', 'demo-app'],
        ],
      ],
    )
    assert.deepEqual(await ask({ offset: 2 }), { entries: [], total: 2 })
    assert.equal(((await ask({ name: 'other', limit: 1 })) as typeof answer).entries[0]?.message, 'No.')
  })
})

describe('server.connection.identify', () => {
  const params = { client_name: 't', version: '1', type: 'web', url: 'x' }
  const dispatcher = createDispatcher(fakeLog())

  test('says who it is once', async () => {
    const call = fakeCall()
    assert.deepEqual(await dispatcher.invoke('server.connection.identify', params, call), {
      connection_id: 7,
    })
    assert.deepEqual(call.connection?.identity, { name: 't', version: '1', type: 'web', url: 'x' })
    const message = "Connection already identified: {'name': 't', 'version': '1', 'type': 'web', 'url': 'x'}"
    await assert.rejects(dispatcher.invoke('server.connection.identify', {}, call), {
      kind: 'refused',
      message,
    })
  })

  test('a failed one may be tried again', async () => {
    const call = fakeCall()
    const message = 'Invalid Client Type: toaster'
    await assert.rejects(
      dispatcher.invoke('server.connection.identify', { ...params, type: 'Toaster' }, call),
      {
        message,
      },
    )
    await dispatcher.invoke('server.connection.identify', { ...params, type: 'WEB' }, call)
    assert.equal(call.connection?.identity?.type, 'web')
  })

  for (const type of ['web', 'mobile', 'desktop', 'display', 'bot', 'agent', 'other'])
    test(type, async () => {
      await dispatcher.invoke(
        'server.connection.identify',
        { ...params, type, access_token: 'a', api_key: 'b' },
        fakeCall(),
      )
    })

  test('missing arguments come before a wrong type', async () => {
    const given = { client_name: 't', version: '1', type: 'toaster' }
    await assert.rejects(dispatcher.invoke('server.connection.identify', given, fakeCall()), {
      message: 'No data for argument: url',
    })
  })
})

describe('server.*', () => {
  const dispatcher = createDispatcher(fakeLog())

  test('server.info passes raw on', async () => {
    const warnings = async (params: object): Promise<unknown> =>
      ((await dispatcher.invoke('server.info', { ...params }, fakeCall())) as { warnings: unknown }).warnings
    assert.deepEqual(await warnings({}), [])
    assert.deepEqual(await warnings({ raw: 'true' }), ['raw'])
  })

  test('server.restart answers and restarts', async () => {
    let restarts = 0
    const app = fakeApp(fakeEngine(), { restart: async () => void (restarts += 1) })
    assert.equal(await dispatcher.invoke('server.restart', {}, fakeCall(app)), 'ok')
    assert.equal(restarts, 1)
  })

  test('server.config and server.websocket.id', async () => {
    assert.deepEqual(await dispatcher.invoke('server.config', {}, fakeCall()), {
      config: {},
      orig: {},
      files: [],
    })
    assert.deepEqual(await dispatcher.invoke('server.websocket.id', {}, fakeCall()), { websocket_id: 7 })
    await assert.rejects(dispatcher.invoke('server.websocket.id', {}, fakeCall(fakeApp(), 'http')), {
      kind: 'method_not_found',
    })
  })

  test('rpc.discover names every method, and is serialised once', async () => {
    const document = await dispatcher.invoke('rpc.discover', {}, fakeCall())
    assert.ok(document instanceof Serialized)
    const { openrpc, methods } = JSON.parse(document.json) as { openrpc: string; methods: { name: string }[] }
    assert.match(openrpc, /^1\.3\./)
    assert.ok(methods.some(({ name }) => name === 'machine.update.status'))
    assert.equal(await dispatcher.invoke('rpc.discover', {}, fakeCall()), document)
  })
})
