import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAs } from '../../src/contract/parse-as.js'

const isNumber = (value: unknown): boolean => typeof value === 'number'

test('a text of the shape is what it says, and everything else is nothing', () => {
  assert.equal(parseAs<number>('7', isNumber), 7)
  for (const text of [null, '', '7 7', '{"torn', '"7"', 'null']) assert.equal(parseAs(text, isNumber), null)
})

test('what the validator itself cannot cope with is nothing either', () => {
  const picky = (value: unknown): boolean => (value as { a: { b: number } }).a.b > 0
  assert.equal(parseAs('null', picky), null)
})
