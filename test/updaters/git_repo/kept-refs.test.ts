import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { keptRef } from '../../../src/updaters/git_repo/kept-refs.js'
import { makeEngine, type Bench } from '../../support/engine.js'
import { temporaryFolder } from '../../support/folder.js'
import { checkoutAt, commit, git, makeUpstream } from '../../support/repositories.js'
import { goTo, keptOf, scene } from '../../support/scene.js'
import { gitOptions } from '../../support/surroundings.js'

const refsIn = (folder: string): string[] =>
  git(folder, 'for-each-ref', '--format=%(refname)', 'refs/moonkeeper')
    .split('\n')
    .filter((name) => name !== '')

test('names of applications become parts of refs that git takes, each its own', (t) => {
  void t
  const names = ['app', 'my app', '..', 'a.lock', 'ä', '=61', 'a', 'x@{1}', '-x', 'kept', 'a/b']
  const refs = names.map((name) => keptRef(name, '0'.repeat(40)))
  assert.equal(new Set(refs).size, names.length)
  for (const ref of refs) git('.', 'check-ref-format', ref)
})

/** Two worktrees of one repository, each an application of its own. */
const twoWorktrees = async (folder: string): Promise<{ bench: Bench; one: string; two: string }> => {
  const upstream = makeUpstream(folder)
  const one = checkoutAt(upstream, path.join(folder, 'one'), 'v1.0.0')
  const two = path.join(folder, 'two')
  git(one, 'branch', '-q', 'other', 'v1.0.0')
  git(one, 'push', '-q', 'origin', 'other')
  git(one, 'worktree', 'add', '-q', two, 'other')
  git(one, 'fetch', '-q')
  git(one, 'branch', '-q', '-u', 'origin/other', 'other')
  commit(two, 'two', { 'two.txt': 'two\n' })
  git(two, 'push', '-q', 'origin', 'other')
  git(two, 'reset', '-q', '--hard', 'v1.0.0')
  const options = { one: gitOptions(one, upstream.url), two: gitOptions(two, upstream.url) }
  return { bench: await makeEngine(folder, options), one, two }
}

test('two worktrees of one repository keep the same version each for itself', async (t) => {
  const folder = await temporaryFolder(t)
  const { bench, one, two } = await twoWorktrees(folder)
  t.after(() => bench.engine.stop())
  const old = git(one, 'rev-parse', 'HEAD')
  await bench.engine.upgrade('one')
  await bench.engine.upgrade('two')
  assert.deepEqual(refsIn(one), [keptRef('one', old), keptRef('two', old)])
  await bench.engine.rollback('one')
  assert.equal(git(one, 'rev-parse', 'HEAD'), old)
  assert.ok(refsIn(one).includes(keptRef('two', old)), 'what the other one keeps is not dropped')
  await bench.engine.rollback('two')
  assert.equal(git(two, 'rev-parse', 'HEAD'), old)
})

test('refs of an older version become the application’s own', async (t) => {
  const at = await scene(t)
  const old = git(at.app, 'rev-parse', 'HEAD')
  await at.bench.engine.upgrade('app')
  git(at.app, 'update-ref', '-d', keptRef('app', old))
  git(at.app, 'update-ref', `refs/moonkeeper/kept/${old}`, old)
  git(at.app, 'update-ref', 'refs/moonkeeper/kept/' + 'a'.repeat(40), 'HEAD')
  await at.bench.engine.refresh('app')
  assert.deepEqual(refsIn(at.app), [keptRef('app', old)])
  assert.deepEqual(keptOf(at), { refs: [old], state: [old] })
  await goTo(at, 'rollback', old)
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), old)
})

test('where worktrees share a repository, the old refs stay for the other ones', async (t) => {
  const folder = await temporaryFolder(t)
  const { bench, one } = await twoWorktrees(folder)
  t.after(() => bench.engine.stop())
  const old = git(one, 'rev-parse', 'HEAD')
  for (const name of ['one', 'two']) {
    await bench.engine.upgrade(name)
    git(one, 'update-ref', '-d', keptRef(name, old))
  }
  git(one, 'update-ref', `refs/moonkeeper/kept/${old}`, old)
  await bench.engine.refresh('one')
  assert.deepEqual(refsIn(one), [`refs/moonkeeper/kept/${old}`, keptRef('one', old)].sort())
  await bench.engine.refresh('two')
  assert.ok(refsIn(one).includes(keptRef('two', old)))
})
