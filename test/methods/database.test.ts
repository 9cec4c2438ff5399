import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { AppContext } from '../../src/methods/context.js'
import { createDispatcher } from '../../src/rpc/dispatcher.js'
import { makeDatabase } from '../support/database.js'
import { fakeApp, fakeCall, fakeEngine, fakeLog } from '../support/rpc.js'

const makeApp = async (
  t: TestContext,
  printing = false,
): Promise<{ app: AppContext; restarts: string[] }> => {
  const restarts: string[] = []
  const { store, items, backups } = await makeDatabase(t)
  const restart = async (): Promise<void> => void restarts.push('restart')
  const base = fakeApp(fakeEngine(), { restart })
  const app = { ...base, printer: { ...base.printer, printing }, database: { store, items, backups } }
  return { app, restarts }
}

const asking =
  (app: AppContext) =>
  (method: string, params: Record<string, unknown> = {}): Promise<unknown> =>
    createDispatcher(fakeLog()).invoke(`server.database.${method}`, params, fakeCall(app))

test('items come, go, and are shown with the key as it was given', async (t) => {
  const ask = asking((await makeApp(t)).app)
  const posted = { namespace: 'ns', key: ['a', 'b'], value: { x: null } }
  assert.deepEqual(await ask('post_item', posted), posted)
  assert.deepEqual(await ask('get_item', { namespace: 'ns', key: 'a.b' }), { ...posted, key: 'a.b' })
  const whole = { namespace: 'ns', key: null, value: { a: { b: { x: null } } } }
  assert.deepEqual(await ask('get_item', { namespace: 'ns' }), whole)
  assert.deepEqual(await ask('get_item', { namespace: 'ns', key: null }), whole)
  assert.deepEqual(await ask('list'), { namespaces: ['moonraker', 'announcements', 'ns'], backups: [] })
  assert.deepEqual(await ask('delete_item', { namespace: 'ns', key: 'a' }), {
    ...whole,
    key: 'a',
    value: { b: { x: null } },
  })
})

test('any JSON is a value', async (t) => {
  const ask = asking((await makeApp(t)).app)
  for (const value of ['', 'x', 0, -1.5, true, false, [], [null], {}, { a: { b: [] } }]) {
    await ask('post_item', { namespace: 'ns', key: 'k', value })
    assert.deepEqual(await ask('get_item', { namespace: 'ns', key: 'k' }), {
      namespace: 'ns',
      key: 'k',
      value,
    })
  }
})

describe('keys of a type that is none', () => {
  const keys: readonly [unknown, string][] = [
    [5, 'int'],
    [1.5, 'float'],
    [true, 'bool'],
    [{}, 'dict'],
  ]
  for (const [key, type] of keys)
    test(type, async (t) => {
      const ask = asking((await makeApp(t)).app)
      const refusal = { status: 400, message: `Value for argument 'key' is an invalid type: ${type}` }
      await assert.rejects(ask('get_item', { namespace: 'ns', key }), refusal)
      await assert.rejects(ask('post_item', { namespace: 'ns', key, value: 1 }), refusal)
      await assert.rejects(ask('delete_item', { namespace: 'ns', key }), refusal)
    })
  test('none at all, where one is needed', async (t) => {
    const ask = asking((await makeApp(t)).app)
    const refusal = { status: 400, message: "Value for argument 'key' is an invalid type: NoneType" }
    await assert.rejects(ask('post_item', { namespace: 'ns', key: null, value: 1 }), refusal)
  })
})

test('while printing the disk is left alone', async (t) => {
  const { app, restarts } = await makeApp(t, true)
  const ask = asking(app)
  const works: readonly [string, object, string][] = [
    ['compact', {}, 'compact'],
    ['post_backup', {}, 'backup'],
    ['restore', { filename: 'x.db' }, 'restore'],
  ]
  for (const [method, params, word] of works)
    await assert.rejects(ask(method, { ...params }), {
      status: 400,
      message: `Cannot ${word} when Klipper is printing`,
    })
  await ask('post_item', { namespace: 'ns', key: 'k', value: 1 })
  assert.deepEqual(restarts, [])
})

test('a restored database is read by everyone anew: the server restarts', async (t) => {
  const { app, restarts } = await makeApp(t)
  const ask = asking(app)
  await ask('post_item', { namespace: 'ns', key: 'k', value: 1 })
  await ask('post_backup', { filename: 'a.db' })
  assert.deepEqual(restarts, [])
  assert.deepEqual(await ask('restore', { filename: 'a.db' }), {
    restored_tables: ['namespace_store'],
    restored_namespaces: ['ns'],
  })
  assert.deepEqual(restarts, ['restart'])
  await assert.rejects(ask('restore', { filename: 'no.db' }), { status: 404 })
  assert.deepEqual(restarts, ['restart'])
})
