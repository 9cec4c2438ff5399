import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  commitOfVersion,
  comparePythonVersions,
  isBuiltDirty,
  isNewerPythonVersion,
  isPreRelease,
  isPythonVersion,
  isSamePythonVersion,
  shortPythonVersion,
  versionAfter,
} from '../../src/python/versions.js'

test('versions are in the order of PEP 440', () => {
  const sorted = ['1.0.dev1', '1.0a1', '1.0b2', '1.0rc1', '1.0', '1.0+local', '1.0.post1', '1.1', '1!0.1']
  for (const [index, version] of sorted.entries())
    for (const [other, later] of sorted.entries())
      assert.equal(Math.sign(comparePythonVersions(version, later) ?? NaN), Math.sign(index - other))
  assert.equal(isNewerPythonVersion('1.10', '1.9'), true)
  assert.equal(isSamePythonVersion('v1.0.0', '1.0'), true)
})

test('what is no version has no order', () => {
  for (const text of ['?', '', 'main', '1.0-dirty', '1..0']) assert.equal(isPythonVersion(text), false, text)
  assert.equal(comparePythonVersions('?', '1.0'), null)
  assert.equal(isNewerPythonVersion('1.0', '?'), false)
  assert.equal(isSamePythonVersion('?', '?'), true)
})

test('pre-releases are known', () => {
  for (const version of ['1.0a1', '1.0.rc2', '2.dev0', '1.0-beta']) assert.equal(isPreRelease(version), true)
  for (const version of ['1.0', '1.0.post1', '1.0+b1', '?']) assert.equal(isPreRelease(version), false)
})

test('a version is shown as front ends know it', () => {
  const shown: readonly (readonly [string, string])[] = [
    ['1.0.0', '1.0.0'],
    ['v1.2.0b1', 'v1.2.0b1'],
    ['0.9.3.dev12+gabcdef12', '0.9.3-12'],
    ['1.0.post2', '1.0.post2'],
    ['1!2.0', '2.0'],
    ['1.0.dev0', '1.0'],
    ['latest', '?'],
  ]
  for (const [version, short] of shown) assert.equal(shortPythonVersion(version), short)
})

test('a commit after a version is called by the next one', () => {
  const commit = 'ffbfacc129599950609b652ec9635a19418ff0e1'
  assert.equal(versionAfter('1.0.0', commit), 'v1.0.1.dev1+gffbfacc1')
  assert.equal(shortPythonVersion(versionAfter('1.0.0', commit)), 'v1.0.1-1')
  assert.equal(versionAfter('1.0.1.dev4+g12345678', commit), '1.0.1.dev5+gffbfacc1')
  assert.equal(versionAfter('5', commit), '5.dev1+gffbfacc1')
  assert.equal(versionAfter('?', commit), '?')
})

test('what was built of edited files is known', () => {
  assert.equal(isBuiltDirty('1.0.0', 'v1.0.0-3-gabcdef12-dirty'), true)
  assert.equal(isBuiltDirty('1.0.0', 'v1.0.0-3-gabcdef12'), false)
  assert.equal(isBuiltDirty('1.0.1.dev3+gabcdef12.d20240101', null), true)
  assert.equal(isBuiltDirty('1.0.1.dev3+gabcdef12', 'abcdef12'), false)
  assert.equal(isBuiltDirty('1.0.1.dev3+gabcdef12.d20240101', 'v1.0.0-0-gabcdef12'), false)
  assert.equal(commitOfVersion('1.0.1.dev3+gabcdef12.d20240101'), 'abcdef12')
  assert.equal(commitOfVersion('1.0.0'), null)
})
