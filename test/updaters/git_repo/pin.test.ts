import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeEngine } from '../../support/engine.js'
import { commit, git } from '../../support/repositories.js'
import { filesOf, goTo, planOf, refusal, scene, tip, type Scene } from '../../support/scene.js'
import { gitOptions } from '../../support/surroundings.js'

const pinned = ({ bench }: Scene): string | undefined => bench.status('app').pinned_version

/** As after a restart: another engine on what is on the disk. */
const restarted = async (at: Scene, options = {}): Promise<Scene> => {
  await at.bench.engine.stop()
  return { ...at, bench: await makeEngine(at.folder, { app: gitOptions(at.app, at.upstream.url, options) }) }
}

test('an upgrade ends at the pin, until it is let go', async (t) => {
  const at = await scene(t)
  const wanted = git(at.app, 'rev-parse', 'v1.1.0')
  assert.equal(pinned(at), undefined)
  assert.equal(await at.bench.engine.pin('app', 'v1.1.0'), wanted)
  assert.deepEqual([pinned(at), at.bench.status('app').remote_version], ['v1.1.0-0', 'v1.1.0-0'])
  assert.equal((await at.bench.engine.versions('app', { limit: 1, offset: 0 })).pinned, wanted)
  assert.equal((await planOf(at, 'upgrade')).app.to.id, wanted)
  await at.bench.engine.upgrade('app')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), wanted)
  commit(at.upstream.seed, 'fifth', {})
  at.upstream.publish()
  await at.bench.engine.refresh('app')
  await at.bench.engine.upgrade('app')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), wanted)
  const later = await restarted(at)
  t.after(() => later.bench.engine.stop())
  assert.equal(pinned(later), 'v1.1.0-0')
  await later.bench.engine.upgrade('app')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), wanted)
  assert.equal(await later.bench.engine.pin('app', null), null)
  assert.equal(pinned(later), undefined)
  await later.bench.engine.upgrade('app')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), tip(at))
})

test('a pin by hash shows its version', async (t) => {
  const at = await scene(t)
  const id = git(at.app, 'rev-parse', 'v1.1.0~1')
  assert.equal(await at.bench.engine.pin('app', id.slice(0, 8)), id)
  assert.equal(pinned(at), 'v1.0.0-1')
})

test('without tags a pin shows the hash', async (t) => {
  const at = await scene(t, (app, { seed, url }) => {
    for (const folder of [seed, url, app]) git(folder, 'tag', '-d', 'v1.0.0', 'v1.1.0')
  })
  const id = git(at.app, 'rev-parse', 'origin/master~1')
  await at.bench.engine.pin('app', id)
  assert.equal(pinned(at), id.slice(0, 8))
})

test('an older pin brings nothing back', async (t) => {
  const at = await scene(t, (app) => git(app, 'reset', '-q', '--hard', 'origin/master'))
  await at.bench.engine.pin('app', 'v1.0.0')
  assert.deepEqual([pinned(at), at.bench.status('app').commits_behind_count], ['v1.0.0-0', 0])
  await at.bench.engine.upgrade('app')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), tip(at))
  assert.equal(at.bench.status('app').is_valid, true)
})

test('what is installed or kept can be pinned, also when the remote lost it', async (t) => {
  const at = await scene(t)
  await at.bench.engine.upgrade('app')
  const { seed } = at.upstream
  const lost = tip(at)
  git(seed, 'reset', '-q', '--hard', 'v1.0.0')
  commit(seed, 'anew', {})
  at.upstream.publish()
  await at.bench.engine.refresh('app')
  assert.equal(await at.bench.engine.pin('app', lost), lost)
  await goTo(at, 'rollback', 'v1.0.0')
  const kept = at.bench.application('app').updater.installed().id
  assert.equal(await at.bench.engine.pin('app', lost), lost)
  assert.equal(await at.bench.engine.pin('app', 'v1.0.0'), kept)
  await at.bench.engine.upgrade('app')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), kept)
})

test('an unknown version is not pinned, and the earlier pin stays', async (t) => {
  const at = await scene(t)
  await at.bench.engine.pin('app', 'v1.1.0')
  const before = [filesOf(at.app), filesOf(at.bench.dataFolder), at.bench.status('app')]
  for (const name of ['v9.9.9', '--all', 'HEAD', ''])
    assert.equal((await refusal(() => at.bench.engine.pin('app', name), name)).kind, 'unknown_version')
  assert.deepEqual([filesOf(at.app), filesOf(at.bench.dataFolder), at.bench.status('app')], before)
})

test('what the configuration pins is pinned there, also over an earlier pin', async (t) => {
  const at = await scene(t)
  const own = git(at.app, 'rev-parse', 'v1.1.0~1')
  await at.bench.engine.pin('app', 'v1.1.0')
  const later = await restarted(at, { pinned_commit: own.slice(0, 10) })
  t.after(() => later.bench.engine.stop())
  for (const version of ['v1.1.0', 'v9.9.9', null])
    assert.equal((await refusal(() => later.bench.engine.pin('app', version))).kind, 'set_in_configuration')
  assert.equal(pinned(later), undefined)
  assert.equal((await later.bench.engine.versions('app', { limit: 1, offset: 0 })).pinned, own)
  await later.bench.engine.upgrade('app')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), own)
})

test('an upgrade that names a version beyond the pin is refused, until it is let go', async (t) => {
  const at = await scene(t)
  const id = (name: string): string => git(at.app, 'rev-parse', name)
  const newest = tip(at)
  await at.bench.engine.pin('app', 'v1.1.0')
  const before = filesOf(at.app)
  for (const version of [newest, newest.slice(0, 8)]) {
    const { kind, message } = await refusal(() => goTo(at, 'upgrade', version))
    assert.equal(kind, 'pinned')
    assert.match(message, /pinned to v1\.1\.0-0, and '[0-9a-f]+' is no version on the way there\. Let it go/)
    assert.equal((await refusal(() => planOf(at, 'upgrade', { version }))).kind, 'pinned')
  }
  assert.deepEqual(filesOf(at.app), before)
  for (const version of [id('v1.1.0~1'), 'v1.1.0']) {
    await goTo(at, 'upgrade', version)
    assert.equal(id('HEAD'), id(version))
  }
  assert.equal((await refusal(() => goTo(at, 'upgrade', newest))).kind, 'pinned')
  await at.bench.engine.pin('app', null)
  await goTo(at, 'upgrade', newest)
  assert.equal(id('HEAD'), newest)
})

test('what the configuration pins is not passed either', async (t) => {
  const at = await scene(t)
  const wanted = git(at.app, 'rev-parse', 'v1.1.0')
  const later = await restarted(at, { pinned_commit: wanted.slice(0, 8) })
  t.after(() => later.bench.engine.stop())
  assert.equal((await refusal(() => goTo(later, 'upgrade', tip(at)))).kind, 'set_in_configuration')
  await goTo(later, 'upgrade', 'v1.1.0')
  assert.equal(git(at.app, 'rev-parse', 'HEAD'), wanted)
})
