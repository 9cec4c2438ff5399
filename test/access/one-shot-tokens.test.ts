import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OneShotTokens } from '../../src/access/one-shot-tokens.js'
import type { Credential } from '../../src/contract/requester.js'
import { movingClock } from '../support/clock.js'

const key: Credential = { kind: 'key', key: 'k' }

test('is good once', () => {
  const tokens = new OneShotTokens(movingClock())
  const token = tokens.issue('10.0.0.1', key)
  assert.match(token, /^[A-Z2-7]{32}$/)
  assert.deepEqual(tokens.take(token, '10.0.0.1'), key)
  assert.equal(tokens.take(token, '10.0.0.1'), undefined)
})

test('is good from one address only, and used up by another', () => {
  const tokens = new OneShotTokens(movingClock())
  for (const address of ['10.0.0.2', null]) {
    const token = tokens.issue('10.0.0.1', key)
    assert.equal(tokens.take(token, address), undefined)
    assert.equal(tokens.take(token, '10.0.0.1'), undefined)
  }
})

test('is good for five seconds, whatever the clock does', () => {
  const clock = movingClock()
  const tokens = new OneShotTokens(clock)
  const start = clock.now()
  for (const [after, expected] of [
    [4999, key],
    [5000, undefined],
    [-1, undefined],
  ] as const) {
    clock.set(start)
    const token = tokens.issue('10.0.0.1', key)
    clock.set(start + after)
    assert.deepEqual(tokens.take(token, '10.0.0.1'), expected, String(after))
  }
})

test('no two are alike, and they are not kept for ever', () => {
  const clock = movingClock()
  const tokens = new OneShotTokens(clock)
  const issued = Array.from({ length: 5000 }, () => tokens.issue('10.0.0.1', null))
  assert.equal(new Set(issued).size, 5000)
  const { issued: kept } = tokens as unknown as { issued: ReadonlyMap<string, unknown> }
  assert.ok(kept.size <= 1024)
  assert.equal(tokens.take(issued.at(-1) ?? '', '10.0.0.1'), null)
  clock.set(clock.now() + 6000)
  tokens.issue('10.0.0.1', null)
  assert.equal(kept.size, 1)
})
