import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { Versions } from '../../../src/contract/generated/types.js'
import { commit, git, type Upstream } from '../../support/repositories.js'
import { cutOff, filesOf, goTo, keptOf, scene, tip, type Scene } from '../../support/scene.js'

const list = ({ bench }: Scene, limit = 20, offset = 0): Promise<Versions> =>
  bench.engine.versions('app', { limit, offset })

const names = ({ versions }: Versions): readonly string[] => versions.map((one) => one.version)

const idsOf = (folder: string, ref: string): readonly string[] => git(folder, 'rev-list', ref).split('\n')

test('versions are the commits of the remote’s branch, newest first, and tags by their name', async (t) => {
  const at = await scene(t)
  const found = await list(at)
  const [newest = ''] = names(found)
  assert.match(newest, /^v1\.1\.0-1-g[0-9a-f]{8}$/)
  assert.equal(names(found)[1], 'v1.1.0')
  assert.match(names(found)[2] ?? '', /^v1\.0\.0-1-g/)
  assert.equal(names(found)[3], 'v1.0.0')
  const [head] = found.versions
  assert.deepEqual(head, {
    version: newest,
    id: tip(at),
    date: 1_704_067_200,
    title: 'fourth',
    current: false,
    kept: false,
  })
  assert.deepEqual([found.total, found.current, found.pinned], [4, idsOf(at.app, 'HEAD')[0], null])
  assert.deepEqual(
    found.versions.map((one) => one.current),
    [false, false, false, true],
  )
  assert.equal(found.versions[2]?.title, 'second: with a <\u200bb>tag<\u200b/b>')
})

const manyCommits = (_app: string, { seed, publish }: Upstream): void => {
  for (let number = 0; number < 21; number += 1) commit(seed, `number ${number}`, {})
  publish()
}

test('every version is on one page, once', async (t) => {
  const at = await scene(t, manyCommits)
  const found: string[] = []
  for (let offset = 0; offset < 25; offset += 10)
    found.push(...(await list(at, 10, offset)).versions.map((one) => one.id))
  assert.deepEqual(found, idsOf(at.upstream.seed, 'master'))
  assert.equal(found.length, 25)
})

test('the edges of a page', async (t) => {
  const at = await scene(t)
  const ids = async (limit: number, offset: number): Promise<readonly string[]> =>
    (await list(at, limit, offset)).versions.map((one) => one.id)
  const all = idsOf(at.app, 'origin/master')
  assert.deepEqual(await ids(1, 0), all.slice(0, 1))
  assert.deepEqual(await ids(100, 3), all.slice(3))
  assert.deepEqual(await ids(100, 4), [])
  assert.deepEqual(await ids(1, 1_000_000_000), [])
})

const odd: Readonly<Record<string, string>> = {
  '<script>alert(1)</script>': '<\u200bscript>alert(1)<\u200b/script>',
  [`${'a'.repeat(299)}😀${'b'.repeat(10_000)}`]: 'a'.repeat(299),
  '🖨️ prints\u0007 again': '🖨️ prints again',
  '': '',
  '-x --upload-pack=y %H%n': '-x --upload-pack=y %H%n',
}

test('odd subjects are shown harmless and short, and shift nothing', async (t) => {
  const at = await scene(t, (_app, { seed, publish }) => {
    for (const subject of Object.keys(odd)) {
      const message = path.join(seed, '..', 'message')
      writeFileSync(message, subject)
      git(seed, 'commit', '-q', '--allow-empty', '--allow-empty-message', '--cleanup=verbatim', '-F', message)
    }
    git(seed, 'tag', 'v2<img/src=x/onerror=alert(1)>')
    publish()
  })
  const { versions } = await list(at, 6)
  assert.deepEqual(
    versions.map((one) => one.title),
    [...Object.values(odd).reverse(), 'fourth'],
  )
  assert.deepEqual(
    versions.map((one) => one.id),
    idsOf(at.upstream.seed, 'master').slice(0, 6),
  )
  assert.equal(versions[0]?.version, versions[0]?.id, 'a name that could do harm is not shown')
  assert.ok(versions.every((one) => one.date === 1_704_067_200))
})

const ownTag = 'nightly/2024-ä'

test('settings of the repository do not change what is listed', async (t) => {
  const at = await scene(t, (app, { seed, publish }) => {
    git(seed, 'tag', ownTag)
    publish()
    git(app, 'config', 'log.showSignature', 'true')
    git(app, 'config', 'format.pretty', 'oneline')
    git(app, 'config', 'log.abbrevCommit', 'true')
    git(app, 'config', 'gpg.program', '/bin/echo')
  })
  const { versions } = await list(at)
  assert.equal(versions[0]?.version, ownTag)
  await goTo(at, 'upgrade', ownTag)
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), tip(at))
})

test('a repository without tags names versions by their hash, and takes it', async (t) => {
  const at = await scene(t, (app, { seed, url }) => {
    for (const folder of [seed, url, app]) git(folder, 'tag', '-d', 'v1.0.0', 'v1.1.0')
  })
  const { versions } = await list(at)
  assert.deepEqual(
    versions.map((one) => one.version),
    idsOf(at.app, 'origin/master').map((id) => id.slice(0, 8)),
  )
  const wanted = versions[1]?.version ?? ''
  const plan = await at.bench.engine.plan({
    goal: 'upgrade',
    names: ['app'],
    version: wanted,
    hard: false,
    check: 'all',
  })
  assert.equal(plan.applications[0]?.to.version, wanted)
  await goTo(at, 'upgrade', wanted)
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), versions[1]?.id)
})

test('a shallow clone lists what it has', async (t) => {
  const at = await scene(t, (app, upstream) => {
    git(app, 'remote', 'set-url', 'origin', `file://${upstream.url}`)
    git(app, 'fetch', '-q', '--depth=2', 'origin')
    git(app, 'reset', '-q', '--hard', 'origin/master')
    git(app, 'tag', '-d', 'v1.0.0')
    git(app, 'reflog', 'expire', '--expire=now', '--all')
    git(app, 'gc', '-q', '--prune=now')
  })
  const { versions, total } = await list(at)
  assert.deepEqual(
    versions.map((one) => one.id),
    idsOf(at.upstream.seed, 'master').slice(0, 2),
  )
  assert.equal(total, 2)
})

/** The remote's branch is written anew, and everything that nothing names is thrown away. */
const writeAnew = (at: Scene): void => {
  const { seed, publish, url } = at.upstream
  git(seed, 'reset', '-q', '--hard', 'v1.0.0')
  git(seed, 'tag', '-d', 'v1.1.0')
  commit(seed, 'another second', { 'app.py': 'print("other")\n' })
  git(url, 'tag', '-d', 'v1.1.0')
  publish()
}

const tidyUp = (at: Scene): void => {
  git(at.app, 'tag', '-d', 'v1.1.0')
  git(at.app, 'reflog', 'expire', '--expire=now', '--expire-unreachable=now', '--all')
  git(at.app, 'gc', '-q', '--prune=now')
}

test('a kept version that the remote lost is listed first, and can be had without the remote', async (t) => {
  const at = await scene(t)
  await at.bench.engine.upgrade('app')
  const lost = tip(at)
  const between = git(at.app, 'rev-parse', 'v1.1.0')
  await goTo(at, 'rollback', null)
  writeAnew(at)
  await at.bench.engine.refresh('app')
  tidyUp(at)
  assert.throws(() => git(at.app, 'cat-file', '-e', 'v1.1.0'))
  git(at.app, 'cat-file', '-e', between)
  const found = await list(at)
  assert.deepEqual(
    found.versions.map(({ id, kept, current }) => [id, kept, current]),
    [
      [lost, true, false],
      [tip(at), false, false],
      [git(at.app, 'rev-parse', 'HEAD'), false, true],
    ],
  )
  assert.equal(found.total, 3)
  const pages = [await list(at, 1, 0), await list(at, 1, 1), await list(at, 2, 1)]
  assert.deepEqual(
    pages.map((page) => page.versions.map((one) => one.title)),
    [['fourth'], ['another second'], ['another second', 'first']],
  )
  cutOff(at)
  const before = filesOf(at.app)
  await goTo(at, 'rollback', found.versions[0]?.version ?? '')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), lost)
  await goTo(at, 'rollback', 'v1.0.0')
  const now = filesOf(at.app)
  assert.deepEqual(now['app.py']?.split(' ')[2], before['app.py']?.split(' ')[2])
  assert.deepEqual(keptOf(at), { refs: [lost], state: [lost] })
})

test('where the remote has no such branch, only what is kept is listed', async (t) => {
  const at = await scene(t)
  await at.bench.engine.upgrade('app')
  const old = git(at.app, 'rev-parse', 'v1.0.0^0')
  git(at.app, 'checkout', '-q', '-b', 'own')
  await at.bench.engine.refresh('app')
  const { versions, total } = await list(at)
  assert.deepEqual([versions.map(({ id, version }) => [id, version]), total], [[[old, 'v1.0.0']], 1])
})
