import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { commit, git } from '../../support/repositories.js'
import { filesOf, goTo, planOf, refusal, scene, type Scene } from '../../support/scene.js'

const target = async (at: Scene, version: string): Promise<string> =>
  (await planOf(at, 'upgrade', { version })).app.to.id

test('a version goes by its tag, its hash, what git describe tells and what the status shows', async (t) => {
  const at = await scene(t)
  const id = git(at.app, 'rev-parse', 'v1.1.0')
  const between = git(at.app, 'rev-parse', 'v1.1.0~1')
  for (const name of ['v1.1.0', id, id.toUpperCase(), id.slice(0, 7), `v1.1.0-0-g${id.slice(0, 8)}`])
    assert.equal(await target(at, name), id, name)
  assert.equal(await target(at, `v1.0.0-1-g${between.slice(0, 8)}`), between)
  const { remote_version: newest, remote_hash: hash } = at.bench.status('app')
  assert.equal(await target(at, newest), hash)
  assert.equal((await planOf(at, 'upgrade', { version: at.bench.status('app').version })).app.needed, false)
  const full = (await planOf(at, 'upgrade', { version: at.bench.status('app').full_version_string })).app
  assert.equal(full.needed, false)
})

const hostile: readonly string[] = [
  '--upload-pack=x',
  '-h',
  'HEAD',
  'HEAD~1',
  '@',
  '@{-1}',
  '@{u}',
  'FETCH_HEAD',
  'refs/heads/x',
  'refs/tags/v1.1.0',
  'tags/v1.1.0',
  'heads/master',
  'origin/master',
  'origin',
  'master',
  'v1 v2',
  '../x',
  '../heads/other',
  '../tags/v1.1.0',
  'v1.1.0/../v1.1.0',
  '/v1.1.0',
  'v1.1.0~1',
  'v1.1.0^',
  'v1.1.0^{}',
  'v1.1.0^0',
  'v1.1.0@{0}',
  'v1.1.0:app.py',
  'v1.1.*',
  'v1.0.0..v1.1.0',
  '^v1.1.0',
  ':/fix',
  ':/second',
  ':app.py',
  '',
  ' ',
  '?',
  '*',
  '[',
  '\u0000',
  'v1.1.0\u0000',
  'v1.1.0\n',
  ' v1.1.0',
  'V1.1.0',
  'v1.1.0-0-g00000000',
  'anything-g',
  'a'.repeat(200),
  '0'.repeat(40),
  'f'.repeat(64),
  '版本-１',
  '\ud800',
  '<img src=x>',
  'constructor',
  '__proto__',
  'v1.1.0-dirty',
]

test('nothing else has a meaning', async (t) => {
  const at = await scene(t, (app) => {
    git(app, 'branch', 'other', 'origin/master')
    git(app, 'checkout', '-q', '-b', 'was')
    git(app, 'checkout', '-q', 'master')
  })
  const before = filesOf(at.app)
  const id = git(at.app, 'rev-parse', 'v1.1.0~1')
  // The hash is right, what stands before it is not.
  const described = [`refs/heads/other-g${id.slice(0, 8)}`, `v9-1-g${id.slice(0, 8)}`, `-g${id.slice(0, 8)}`]
  const short = [id.slice(0, 6), git(at.app, 'rev-parse', 'HEAD^{tree}'), git(at.app, 'rev-parse', 'v1.0.0')]
  for (const name of [...hostile, ...described, ...short]) {
    for (const goal of ['upgrade', 'rollback'] as const) {
      const { kind, message } = await refusal(() => planOf(at, goal, { version: name }), `${goal} ${name}`)
      assert.equal(kind, 'unknown_version', `${goal} ${name}`)
      assert.doesNotMatch(message, /<[a-z]/)
    }
  }
  assert.equal((await refusal(() => goTo(at, 'upgrade', 'v9.9.9'))).kind, 'unknown_version')
  assert.deepEqual(filesOf(at.app), before)
})

test('a commit that is here and not on the remote’s branch is no version', async (t) => {
  const at = await scene(t, (app, { seed }) => {
    git(app, 'checkout', '-q', '-b', 'own')
    commit(app, 'own', { 'own.py': 'own = 1\n' })
    git(app, 'tag', 'v7.0.0')
    git(app, 'checkout', '-q', 'master')
    git(seed, 'checkout', '-q', '-b', 'side', 'v1.0.0')
    commit(seed, 'side', { 'side.py': 'side = 1\n' })
    git(seed, 'tag', 'v8.0.0')
    git(seed, 'push', '-q', '--tags', 'origin', 'side')
    git(seed, 'checkout', '-q', 'master')
  })
  for (const name of [
    'v7.0.0',
    'v8.0.0',
    git(at.app, 'rev-parse', 'own'),
    git(at.app, 'rev-parse', 'v8.0.0^0'),
  ])
    assert.equal(
      (await refusal(() => planOf(at, 'upgrade', { version: name }))).kind,
      'unknown_version',
      name,
    )
})

test('a version that is not here yet is fetched', async (t) => {
  const at = await scene(t)
  const id = commit(at.upstream.seed, 'fifth', {})
  git(at.upstream.seed, 'tag', 'v1.2.0')
  commit(at.upstream.seed, 'sixth', {})
  at.upstream.publish()
  await goTo(at, 'upgrade', 'v1.2.0')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), id)
})

/** Contents of two commits whose ids begin with the same seven digits. */
const collision = (tree: string, parent: string): readonly [string, string] => {
  const seen = new Map<string, string>()
  for (let number = 0; ; number += 1) {
    const who = 'A Person <person@example.invalid> 1704067200 +0000'
    const text = `tree ${tree}\nparent ${parent}\nauthor ${who}\ncommitter ${who}\n\nnumber ${number}\n`
    const prefix = createHash('sha1').update(`commit ${text.length}\0${text}`).digest('hex').slice(0, 7)
    const other = seen.get(prefix)
    if (other !== undefined) return [other, text]
    seen.set(prefix, text)
  }
}

const write = (folder: string, text: string): string => {
  const args = ['-C', folder, 'hash-object', '-t', 'commit', '-w', '--stdin']
  return execFileSync('git', args, { input: text, encoding: 'utf8' }).trim()
}

test('a hash that begins two versions names neither, unless only one can be had', async (t) => {
  const ids: string[] = []
  const at = await scene(t, (app, { seed, publish }) => {
    const [one, two] = collision(git(seed, 'rev-parse', 'HEAD^{tree}'), git(seed, 'rev-parse', 'HEAD'))
    ids.push(write(seed, one), write(seed, two))
    git(seed, 'reset', '-q', '--hard', ids[0] ?? '')
    publish()
    git(app, 'fetch', '-q')
    write(app, two)
  })
  const [one = '', two = ''] = ids
  assert.equal(one.slice(0, 7), two.slice(0, 7))
  assert.equal(await target(at, one.slice(0, 7)), one, 'the other is only here')
  const { seed } = at.upstream
  git(seed, 'merge', '-q', '--no-edit', two)
  at.upstream.publish()
  await at.bench.engine.refresh('app')
  assert.equal((await refusal(() => target(at, one.slice(0, 7)))).kind, 'unknown_version')
  assert.equal(await target(at, one), one)
  assert.equal(await target(at, two), two)
})

test('a branch that looks like a hash is not taken for one', async (t) => {
  const at = await scene(t)
  const id = git(at.app, 'rev-parse', 'v1.1.0~1')
  git(at.app, 'branch', id.slice(0, 8), 'origin/master')
  git(at.app, 'branch', 'abcdef0', 'origin/master')
  assert.equal(await target(at, id.slice(0, 8)), id)
  assert.equal((await refusal(() => target(at, 'abcdef0'))).kind, 'unknown_version')
})
