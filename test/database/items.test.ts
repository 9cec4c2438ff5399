import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json } from '../../src/contract/json.js'
import { makeDatabase } from '../support/database.js'

/** As it looks on the wire: also own keys that deepEqual would take for a prototype. */
const shown = (value: Json): string => JSON.stringify(value)

test('an item is found by its dotted key, by the same as a list, and in its namespace', async (t) => {
  const { items } = await makeDatabase(t)
  await items.post('mainsail', 'a.b', { x: 1 })
  await items.post('mainsail', ['a', 'with.dot'], [1, { y: 2 }])
  assert.equal(items.get('mainsail', 'a.b.x'), 1)
  assert.equal(items.get('mainsail', ['a', 'b', 'x']), 1)
  assert.deepEqual(items.get('mainsail', ['a', 'with.dot', 1, 'y']), 2)
  assert.deepEqual(items.get('mainsail', ['a', 'with.dot', -1]), { y: 2 })
  assert.deepEqual(items.get('mainsail', null), { a: { b: { x: 1 }, 'with.dot': [1, { y: 2 }] } })
})

describe('keys and namespaces that name nothing', () => {
  const asked: readonly [namespace: string, key: Json[] | string | null, message: string][] = [
    ['nope', null, 'Namespace nope not found'],
    ['nope', 'a.b', "Key 'a' in namespace 'nope' not found"],
    ['ns', 'zz.y', "Key 'zz' in namespace 'ns' not found"],
    ['ns', 'a.zz', "Key 'a.zz' in namespace 'ns' not found"],
    ['ns', ['a', 'zz'], "Key '['a', 'zz']' in namespace 'ns' not found"],
    ['ns', ['list', 7], "Key '['list', 7]' in namespace 'ns' not found"],
    ['ns', 'list.0', "Key 'list.0' in namespace 'ns' not found"],
    ['ns', 'a.b.c', "Key 'a.b.c' in namespace 'ns' not found"],
    ['ns', 'a.constructor', "Key 'a.constructor' in namespace 'ns' not found"],
    ['ns', '__proto__', "Key '__proto__' in namespace 'ns' not found"],
    ['ns', 'a.__proto__', "Key 'a.__proto__' in namespace 'ns' not found"],
  ]
  for (const [namespace, key, message] of asked)
    test(`${namespace} ${JSON.stringify(key)}`, async (t) => {
      const { items } = await makeDatabase(t)
      await items.post('ns', 'a', { b: 1 })
      await items.post('ns', 'list', [1])
      assert.throws(() => items.get(namespace, key), { kind: 'not_found', message })
    })
})

for (const key of ['', 'a..b', '.a', [], ['a', '']])
  test(`the key ${JSON.stringify(key)} is none`, async (t) => {
    const { items } = await makeDatabase(t)
    const refusal = { kind: 'bad_argument', message: /^Invalid Key Format: '/ }
    await assert.rejects(items.post('ns', key, 1), refusal)
    await assert.rejects(items.remove('ns', key), refusal)
    assert.throws(() => items.get('ns', key), refusal)
  })

test('names of what every object has are ordinary names', async (t) => {
  const bench = await makeDatabase(t)
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  for (const name of names) {
    await bench.items.post(name, `${name}.${name}`, JSON.parse('{"__proto__":{"polluted":true}}') as Json)
    await bench.items.post('plain', name, 1)
  }
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  const { items } = await bench.reopened()
  for (const name of names) {
    assert.equal(shown(items.get(name, name)), `{"${name}":{"__proto__":{"polluted":true}}}`)
    assert.equal(items.get(name, [name, name, '__proto__', 'polluted']), true)
    assert.equal(items.get('plain', name), 1)
    assert.equal(shown(await items.remove(name, [name, name, '__proto__'])), '{"polluted":true}')
    assert.equal(shown(items.get(name, name)), `{"${name}":{}}`)
  }
})

test('objects on the way are made, other records give way, other values do not', async (t) => {
  const { items } = await makeDatabase(t)
  await items.post('ns', 'n', 5)
  await items.post('ns', 'n.deep', 2)
  assert.deepEqual(items.get('ns', 'n'), { deep: 2 })
  await assert.rejects(items.post('ns', 'n.deep.er.most', 1), {
    kind: 'bad_argument',
    message: "Item at key 'n.deep.er' in namespace 'ns'is not a dictionary object, cannot insert",
  })
  assert.deepEqual(items.get('ns', 'n'), { deep: 2 })
})

test('a record does not become null, a value in it may', async (t) => {
  const { items } = await makeDatabase(t)
  await items.post('ns', 'n', null)
  assert.throws(() => items.get('ns', 'n'), { kind: 'not_found' })
  assert.deepEqual(items.namespaces(), ['moonraker', 'announcements'])
  await items.post('ns', 'n', 1)
  await items.post('ns', 'n', null)
  assert.equal(items.get('ns', 'n'), 1)
  await items.post('ns', 'o.null', null)
  assert.deepEqual(items.get('ns', 'o'), { null: null })
  assert.equal(items.get('ns', 'o.null'), null)
})

test('removing tells what it was; empty records and namespaces go', async (t) => {
  const { items } = await makeDatabase(t)
  await items.post('ns', 'a.b', { x: 1 })
  assert.equal(await items.remove('ns', 'a.b.x'), 1)
  await assert.rejects(items.remove('ns', 'a.b.x'), {
    kind: 'not_found',
    message: "Key 'a.b.x' in namespace 'ns' not found",
  })
  assert.deepEqual(items.get('ns', 'a'), { b: {} })
  assert.deepEqual(items.namespaces().slice(2), ['ns'])
  assert.deepEqual(await items.remove('ns', 'a.b'), {})
  assert.deepEqual(items.namespaces().slice(2), [])
  await assert.rejects(items.remove('ns', 'a'), { kind: 'not_found' })
})

test("what is the server's is read by everyone and written by nobody; what it knows of itself is nobody's", async (t) => {
  const { items, store } = await makeDatabase(t)
  await store.change((transaction) => {
    transaction.write('moonraker', 'instance_id', 'x')
    transaction.write('database', 'forbidden_namespaces', ['simplyprint'])
    transaction.write('database', 'protected_namespaces', ['mine'])
    transaction.write('simplyprint', 'token', 'secret')
    transaction.write('mine', 'a', 1)
  })
  assert.equal(items.get('moonraker', 'instance_id'), 'x')
  assert.equal(items.get('mine', 'a'), 1)
  for (const name of ['moonraker', 'announcements', 'mine']) {
    const refusal = { kind: 'forbidden', message: `Write access to namespace '${name}' is forbidden` }
    await assert.rejects(items.post(name, 'a', 1), refusal)
    await assert.rejects(items.remove(name, 'a'), refusal)
  }
  for (const name of ['database', 'simplyprint']) {
    const refusal = { kind: 'forbidden', message: `Read/Write access to namespace '${name}' is forbidden` }
    assert.throws(() => items.get(name, null), refusal)
    await assert.rejects(items.post(name, 'a', 1), refusal)
    await assert.rejects(items.remove(name, 'a'), refusal)
  }
  assert.deepEqual(items.namespaces(), ['moonraker', 'announcements', 'mine'])
})

test('values and keys that go too deep are refused, and nothing of them is kept', async (t) => {
  const { items } = await makeDatabase(t)
  const deep = (levels: number): Json => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as Json
  await items.post('ns', 'a', deep(200))
  await assert.rejects(items.post('ns', 'b', deep(201)), { kind: 'bad_argument' })
  await assert.rejects(items.post('ns', 'b', deep(100_000)), { kind: 'bad_argument' })
  await assert.rejects(
    items.post(
      'ns',
      Array.from({ length: 100_000 }, () => 'k'),
      1,
    ),
    {
      kind: 'bad_argument',
    },
  )
  await assert.rejects(items.post('ns', `b${'.b'.repeat(101)}`, deep(100)), { kind: 'bad_argument' })
  assert.throws(() => items.get('ns', 'b'), { kind: 'not_found' })
})
