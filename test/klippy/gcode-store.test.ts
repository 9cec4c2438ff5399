import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GcodeStore } from '../../src/klippy/gcode-store.js'

const filled = (most: number, ...messages: string[]): GcodeStore => {
  let now = 1_000
  const store = new GcodeStore(most, () => (now += 500))
  for (const message of messages) store.add('response', message)
  return store
}

const messages = (store: GcodeStore, count: number | null): string[] =>
  store.read(count).map(({ message }) => message)

test('what was said last is kept, with its time and who said it', () => {
  const store = filled(2, 'one', 'two')
  store.add('command', 'G28')
  assert.deepEqual(store.read(null), [
    { message: 'two', time: 2, type: 'response' },
    { message: 'G28', time: 2.5, type: 'command' },
  ])
})

test('the newest so many; 0 and less as Python counts', () => {
  const store = filled(10, 'a', 'b', 'c')
  const table: [number | null, string][] = [
    [null, 'abc'],
    [1, 'c'],
    [2, 'bc'],
    [9, 'abc'],
    [0, 'abc'],
    [-1, 'bc'],
    [-9, ''],
  ]
  for (const [count, expected] of table)
    assert.equal(messages(store, count).join(''), expected, String(count))
})

test('a store of none keeps nothing', () => {
  assert.deepEqual(filled(0, 'a').read(null), [])
})

test('neither one long script nor many hold the memory', () => {
  const store = filled(1_000, ...Array.from({ length: 1_000 }, () => 'x'.repeat(100_000)))
  const kept = store.read(null)
  assert.ok(kept.every(({ message }) => message.length === 16 * 1024 && message.endsWith('…')))
  assert.equal(kept.length, 256)
})
