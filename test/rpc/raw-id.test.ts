import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { idText } from '../../src/rpc/id.js'
import { rawId, rawItems } from '../../src/rpc/raw-id.js'

const spaces = fc.constantFrom('', ' ', '\n\t', '\r\n  ')
const key = fc.oneof(fc.string(), fc.constantFrom('id', '"', '\\', '{', '}', ',', 'method'))
const members = fc.array(fc.tuple(key, fc.jsonValue()), { maxLength: 6 })

/** An object's text with duplicate keys and any spaces. */
const objectText = fc
  .tuple(members, spaces, spaces)
  .map(
    ([pairs, a, b]) =>
      `${a}{${b}${pairs.map(([name, value]) => `${a}${JSON.stringify(name)}${b}:${a}${JSON.stringify(value, null, 1)}`).join(`${b},${a}`)}${b}}${a}`,
  )

test('the id found in the text is the one JSON.parse finds', () => {
  fc.assert(
    fc.property(objectText, (text) => {
      const parsed = JSON.parse(text) as Record<string, unknown>
      const found = rawId(text)
      if (Object.hasOwn(parsed, 'id')) assert.deepEqual(JSON.parse(found ?? ''), parsed.id)
      else assert.equal(found, null)
    }),
    { numRuns: 1000 },
  )
})

test('the items found in a text are the ones JSON.parse finds', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.jsonValue(), fc.string()), { maxLength: 8 }), spaces, (items, space) => {
      const text = `${space}[${space}${items.map((item) => JSON.stringify(item, null, 1)).join(`${space},${space}`)}${space}]`
      assert.deepEqual(
        rawItems(text).map((item) => JSON.parse(item) as unknown),
        JSON.parse(text),
      )
    }),
    { numRuns: 1000 },
  )
})

test('whole numbers of any length come back digit for digit', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 80n), max: 10n ** 80n }), (number) => {
      const text = `{"jsonrpc":"2.0","params":{"id":1},"id":${number}}`
      assert.equal(
        idText(JSON.parse(text) as Record<string, unknown>, () => text),
        String(number),
      )
    }),
  )
})

test('an id that JSON.parse keeps does not cost a scan', () => {
  const never = (): never => assert.fail('scanned')
  for (const [id, text] of [
    ['a"b', '"a\\"b"'],
    [0, '0'],
    [-5, '-5'],
    [true, 'true'],
    [null, 'null'],
  ] as const)
    assert.equal(idText({ id }, never), text)
  assert.equal(idText({}, never), 'null')
})
