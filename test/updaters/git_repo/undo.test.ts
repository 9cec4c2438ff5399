import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { commit, git, type Upstream } from '../../support/repositories.js'
import { nothingUnderWay, scene } from '../../support/scene.js'

const edits: Readonly<Record<string, string>> = {
  'an edit': 'print("mine")\n',
  'an empty file': '',
  'the beginning of the old file': 'print',
}

for (const [what, text] of Object.entries(edits)) {
  test(`an upgrade that git refuses because of ${what} undoes nothing of it`, async (t) => {
    const at = await scene(t)
    // Nobody looked since.
    writeFileSync(path.join(at.app, 'app.py'), text)
    writeFileSync(path.join(at.app, 'staged.txt'), 'staged\n')
    git(at.app, 'add', 'staged.txt')
    const before = git(at.app, 'status', '--porcelain')
    await assert.rejects(at.bench.engine.upgrade('app'), /Git Command 'pull --progress' failed/)
    assert.equal(readFileSync(path.join(at.app, 'app.py'), 'utf8'), text)
    assert.equal(git(at.app, 'status', '--porcelain'), before)
    assert.equal(git(at.app, 'describe', '--tags'), 'v1.0.0')
    nothingUnderWay(at)
  })
}

const allow = ['-c', 'protocol.file.allow=always']

/** The checkout has the submodule `ext` at its first commit, upstream at its second. */
const addSubmodule = (app: string, upstream: Upstream): void => {
  const part = path.join(app, '../part')
  mkdirSync(part)
  git(part, 'init', '-q', '-b', 'master')
  commit(part, 'one', { 'part.txt': 'one\n' })
  git(upstream.seed, ...allow, 'submodule', 'add', '-q', part, 'ext')
  commit(upstream.seed, 'with ext', {})
  upstream.publish()
  git(app, 'fetch', '-q')
  git(app, 'reset', '-q', '--hard', 'origin/master')
  git(app, ...allow, 'submodule', 'update', '-q', '--init')
  git(path.join(app, 'ext'), 'config', 'protocol.file.allow', 'always')
  commit(part, 'two', { 'part.txt': 'two\n' })
  git(path.join(upstream.seed, 'ext'), ...allow, 'pull', '-q')
  commit(upstream.seed, 'ext: two', {})
  upstream.publish()
}

test('submodules go back when what comes after them fails', async (t) => {
  const seen: string[] = []
  const part = (app: string): string => readFileSync(path.join(app, 'ext/part.txt'), 'utf8')
  let app = ''
  const restart = async (): Promise<void> => {
    seen.push(part(app))
    if (seen.length === 1) throw new Error('it does not start')
  }
  const at = await scene(
    t,
    (folder, upstream) => {
      app = folder
      addSubmodule(folder, upstream)
    },
    { services: { restart } },
    { managed_services: ['demo'] },
  )
  await assert.rejects(at.bench.engine.upgrade('app'), /it does not start/)
  assert.deepEqual(seen, ['two\n', 'one\n'], 'the old version is started on its own submodule')
  assert.equal(part(app), 'one\n')
  assert.equal(git(app, 'status', '--porcelain'), '')
  nothingUnderWay(at)
})
