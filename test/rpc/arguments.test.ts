import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, test } from 'node:test'
import { pythonText } from '../../src/contract/python-text.js'
import { coerce, readArguments } from '../../src/rpc/arguments.js'
import { methodTable } from '../../src/contract/generated/tables.js'
import type { MethodName } from '../../src/contract/generated/types.js'

const refused = (method: MethodName, given: Record<string, unknown>): string => {
  let message = ''
  assert.throws(
    () => readArguments(method, given),
    (thrown: Error) => {
      message = thrown.message
      return true
    },
  )
  return message
}

describe('booleans', () => {
  for (const [value, expected] of [
    [true, true],
    [false, false],
    ['true', true],
    ['True', true],
    ['FALSE', false],
  ] as const)
    test(`${JSON.stringify(value)} is ${expected}`, () => {
      assert.deepEqual(readArguments('machine.update.status', { refresh: value }), { refresh: expected })
    })

  const shown: readonly [unknown, string][] = [
    [1, '1'],
    [0, '0'],
    [null, 'None'],
    [[], '[]'],
    [{ a: 1 }, "{'a': 1}"],
    ['Banana', 'banana'],
    ['', ''],
    [2.5, '2.5'],
  ]
  for (const [value, text] of shown)
    test(`${JSON.stringify(value)} is none`, () => {
      assert.equal(
        refused('machine.update.status', { refresh: value }),
        `Unable to convert argument [refresh] to <class 'bool'>: value received: ${text}`,
      )
    })
})

describe('texts take any value', () => {
  const shown: readonly [unknown, string][] = [
    ['x', 'x'],
    [5, '5'],
    [null, 'None'],
    [true, 'True'],
    [false, 'False'],
    [{ a: 1 }, "{'a': 1}"],
    [[1, 'b'], "[1, 'b']"],
  ]
  for (const [value, text] of shown)
    test(text, () => {
      assert.deepEqual(readArguments('machine.update.client', { name: value }), { name: text })
    })
})

test('a missing argument is named, in the order of the schema', () => {
  const whole = { client_name: 'a', version: 'b', type: 'web', url: 'c' }
  for (const name of ['client_name', 'version', 'type', 'url'] as const) {
    const rest = Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name))
    assert.equal(refused('server.connection.identify', rest), `No data for argument: ${name}`)
  }
  assert.equal(refused('server.connection.identify', {}), 'No data for argument: client_name')
})

test('a missing argument is found before a wrong one behind it, and after a wrong one before it', () => {
  assert.equal(refused('machine.update.recover', { hard: 'maybe' }), 'No data for argument: name')
  assert.match(refused('machine.update.recover', { name: 'x', hard: 'maybe' }), /\[hard\]/)
})

test('defaults are filled in, and what the method does not know is dropped', () => {
  assert.deepEqual(readArguments('machine.update.recover', { name: 'x', zzz: 1 }), {
    name: 'x',
    hard: false,
    update_deps: false,
    until: 'applied',
    background: false,
    when: 'now',
  })
  const hostile = JSON.parse('{"__proto__": {"name": "x"}}') as Record<string, unknown>
  assert.equal(refused('machine.update.recover', hostile), 'No data for argument: name')
})

test('every method has a compiled validator', async () => {
  for (const method of Object.keys(methodTable)) {
    const schema = JSON.parse(await readFile(path.join('schemas/methods', `${method}.json`), 'utf8')) as {
      readonly examples: readonly [{ readonly params: object }]
    }
    const given = schema.examples[0].params
    const read = readArguments(method as MethodName, { ...given })
    assert.deepEqual({ ...read, ...given }, read)
  }
})

describe('values as Python shows them', () => {
  const table: readonly [unknown, string][] = [
    [["it's"], `["it's"]`],
    [['both \' and "'], `['both \\' and "']`],
    [['line\nbreak\t\\'], `['line\\nbreak\\t\\\\']`],
    [['\u0000\u007fü'], `['\\x00\\x7fü']`],
    [['\ud800'], `['\\ud800']`],
    [1e30, '1000000000000000019884624838656'],
    [1e-7, '1e-07'],
    [{ a: [null, true, 1.5], b: {} }, "{'a': [None, True, 1.5], 'b': {}}"],
  ]
  for (const [value, text] of table) test(text, () => assert.equal(pythonText(value), text))

  test('a deep value does not reach the end of the stack', () => {
    let deep: unknown = []
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep]
    assert.ok(pythonText(deep).length < 1000)
  })
})

describe('numbers', () => {
  const integer = { name: 'count', type: 'integer', required: true }
  const number = { name: 'share', type: 'number', required: true }
  const taken = [
    [integer, '2', 2],
    [integer, ' +2 ', 2],
    [integer, '1_000', 1000],
    [integer, 2.9, 2],
    [integer, -2.9, -2],
    [integer, true, 1],
    [number, '2.5', 2.5],
    [number, ' -1e3 ', -1000],
    [number, '.5', 0.5],
    [number, 2, 2],
    [number, false, 0],
  ] as const
  for (const [parameter, value, expected] of taken)
    test(`${JSON.stringify(value)} as ${parameter.type}`, () =>
      assert.equal(coerce(parameter, value), expected))

  const refusals = [
    [integer, '2.9', 'int'],
    [integer, 'x', 'int'],
    [integer, '', 'int'],
    [integer, null, 'int'],
    [integer, [], 'int'],
    [integer, Infinity, 'int'],
    [number, 'nan', 'float'],
    [number, '', 'float'],
    [number, null, 'float'],
    [number, {}, 'float'],
  ] as const
  for (const [parameter, value, pythonType] of refusals)
    test(`${JSON.stringify(value)} is no ${parameter.type}`, () => {
      const message = `Unable to convert argument [${parameter.name}] to <class '${pythonType}'>: value received: ${pythonText(value)}`
      assert.throws(() => coerce(parameter, value), { kind: 'bad_argument', message })
    })

  test('other types are left to the validator', () => {
    const object = { name: 'objects', type: 'object', required: true }
    assert.deepEqual(coerce(object, 'x'), 'x')
  })
})

describe('limits of the schema', () => {
  const method = 'machine.update.history'

  test('hold for every door, whatever the value came as', () => {
    assert.deepEqual(readArguments(method, {}), { limit: 20, offset: 0 })
    assert.deepEqual(readArguments(method, { limit: '100', offset: 7 }), { limit: 100, offset: 7 })
    for (const limit of [0, -1, 101, '101', '-5', 1e300, false])
      assert.match(refused(method, { limit }), /^Argument limit must be at (least 1|most 100)$/)
    assert.equal(refused(method, { offset: -1 }), 'Argument offset must be at least 0')
    assert.equal(refused(method, { offset: '-1' }), 'Argument offset must be at least 0')
  })

  test('are refused as a bad argument', () => {
    assert.throws(() => readArguments(method, { limit: 0 }), { kind: 'bad_argument', status: 400 })
  })
})
