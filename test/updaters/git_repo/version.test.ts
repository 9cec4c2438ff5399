import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  channelTakes,
  compareVersions,
  inferPreviousTag,
  parseVersion,
  shortVersion,
} from '../../../src/updaters/git_repo/version.js'

test('what git describe says becomes what front ends show', () => {
  assert.equal(shortVersion('v0.9.3-12-gdeadbeef'), 'v0.9.3-12')
  assert.equal(shortVersion('v1.3.0-alpha.2-1-g0f272b9c'), 'v1.3.0-alpha.2-1')
  assert.equal(shortVersion('v1.3.0-beta1'), 'v1.3.0-beta1-0')
  assert.equal(shortVersion('v1.0.0-0-g85010979-dirty'), 'v1.0.0-0')
  assert.equal(shortVersion('v0.0.0-7-gabcdef12-inferred'), 'v0.0.0-7')
  assert.equal(shortVersion('85010979'), '85010979-0')
  assert.equal(shortVersion('abcdef12'), '?')
  assert.equal(shortVersion('?'), '?')
})

test('channels take what they are for', () => {
  const take = (tag: string): string[] =>
    (['stable', 'beta'] as const).filter((channel) => channelTakes(channel, parseVersion(tag)))
  assert.deepEqual(take('v1.2.0'), ['stable', 'beta'])
  assert.deepEqual(take('v1.3.0-beta1'), ['beta'])
  assert.deepEqual(take('v1.3.0rc2'), ['beta'])
  assert.deepEqual(take('v1.3.0-alpha.2'), [])
  assert.deepEqual(take('nightly'), [])
})

test('older versions are older', () => {
  const order = [
    'v0.9',
    'v1.0.0-a1',
    'v1.0.0-alpha2',
    'v1.0.0-beta',
    'v1.0.0-rc1',
    'v1.0.0',
    'v1.0.0-3',
    'v1.0.1',
    'v1.10.0',
  ]
  const sorted = [...order].reverse().sort((a, b) => compareVersions(parseVersion(a), parseVersion(b)))
  assert.deepEqual(sorted, order)
})

test('the order is an order', () => {
  const version = fc
    .tuple(fc.nat(3), fc.nat(3), fc.constantFrom('', 'a1', '-beta', 'rc2'), fc.nat(3))
    .map(([a, b, stage, commits]) => parseVersion(`v${a}.${b}${stage}-${commits}`))
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      assert.equal(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) + 0)
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0)
    }),
  )
})

test('a checkout older than its first tag gets a tag before it', () => {
  const infer = (tag: string): string => inferPreviousTag(parseVersion(tag))
  assert.equal(infer('v1.3.0'), 'v1.2.0')
  assert.equal(infer('v1.0.0'), 'v0.0.0')
  assert.equal(infer('v1.3.0rc2'), '1.3.0.rc1')
  assert.equal(infer('v1.3.0-beta'), '1.3.0.a0')
  assert.equal(infer('nonsense'), 'v0.0.0')
})
