import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { plainChange } from '../../../src/engine/change.js'
import { systemClock } from '../../../src/system/clock.js'
import { makeEngine } from '../../support/engine.js'
import { archiveOf } from '../../support/forge.js'
import {
  forgeSurroundings,
  installWeb,
  releaseOf,
  releaseScene,
  writeTree,
  type ReleaseScene,
} from '../../support/release-scene.js'
import { snapshot } from '../../support/snapshot.js'
import { makeBareVirtualenv } from '../../support/virtualenv.js'

const text = (...parts: readonly string[]): string => readFileSync(path.join(...parts), 'utf8')
const kept = (at: ReleaseScene): readonly string[] => at.held().filter((name) => name.startsWith('kept-'))

test("an upgrade says what Moonraker's clients know, and leaves the old version as a kept one only", async (t) => {
  const at = await releaseScene(t)
  const old = at.tree()
  await at.bench.engine.upgrade('app')
  const size = Math.floor(archiveOf('owner/app', 'v2.0.0').length / 1024)
  assert.deepEqual(
    at.messages().filter((line, index, all) => line !== all[index - 1]),
    [
      'Web Client app: Updating...',
      'Web Client app: Downloading Release...',
      `Downloading app: ${size} KiB / ${size} KiB [100%]`,
      `Web Client app: Download Complete, extracting release to '${at.app}'`,
      'Web Client app: Update Finished...',
    ],
  )
  assert.deepEqual(
    at.bench.lines.map(({ complete }) => complete),
    at.bench.lines.map((_, index) => index === at.bench.lines.length - 1),
  )
  assert.deepEqual(readdirSync(at.app).sort(), ['assets', 'index.html', 'release_info.json'])
  assert.deepEqual([at.status().version, at.status().rollback_version], ['v2.0.0', 'v1.0.0'])
  assert.equal(at.held().length, 1)
  assert.deepEqual(snapshot(path.join(at.hold, at.held()[0] ?? '')), old)
  assert.deepEqual(readdirSync(at.folder).sort(), ['.moonkeeper', 'app', 'data'])
  assert.equal(existsSync(path.join(at.bench.dataFolder, 'journal.json')), false)
})

test('what is up to date is let be, and nothing is said', async (t) => {
  const at = await releaseScene(t, { install: (app) => installWeb(app, 'v2.0.0') })
  const before = at.tree()
  await at.bench.engine.upgrade('app')
  assert.deepEqual([at.messages(), at.held(), at.tree()], [[], [], before])
})

const persistent = ['keep', 'config.json', 'deep/er/mine.txt', 'keep/inner']

test('persistent files and folders move with every change, also where the release brings the same', async (t) => {
  const mine = { 'keep/a': 'a', 'keep/inner/b': 'b', 'config.json': '{"mine":1}', 'deep/er/mine.txt': 'mine' }
  const at = await releaseScene(t, {
    releases: [releaseOf('v2.0.0', { content: { 'config.json': '{}', 'keep/example': 'x' } })],
    options: { persistent_files: persistent },
    install: (app) => (installWeb(app), writeTree(app, mine)),
  })
  const have = (): void => {
    for (const [name, content] of Object.entries(mine)) assert.equal(text(at.app, name), content, name)
  }
  await at.bench.engine.upgrade('app')
  have()
  assert.equal(existsSync(path.join(at.app, 'keep/example')), false)
  assert.deepEqual(kept(at).length, at.held().length)
  writeTree(at.app, { 'keep/later': 'later' })
  await at.bench.engine.rollback('app')
  have()
  assert.equal(text(at.app, 'keep/later'), 'later')
  assert.equal(text(at.app, 'stale.txt'), 'of the old version\n')
})

test('the order in which persistent folders are named loses nothing of the inner one', async (t) => {
  for (const names of [
    ['keep/inner', 'keep'],
    ['keep', 'keep/inner'],
  ]) {
    const at = await releaseScene(t, {
      releases: [releaseOf('v2.0.0', { content: { 'keep/inner/b': 'theirs' } })],
      options: { persistent_files: names },
      install: (app) => (installWeb(app), writeTree(app, { 'keep/a': 'a', 'keep/inner/b': 'b' })),
    })
    await at.bench.engine.upgrade('app')
    assert.deepEqual([text(at.app, 'keep/a'), text(at.app, 'keep/inner/b')], ['a', 'b'])
  }
})

test("a virtualenv within a zip application's folder stays", async (t) => {
  const restarted: string[] = []
  const same = { 'requirements.txt': 'a\n', 'system.json': '{}' }
  const at = await releaseScene(t, {
    options: (app) => ({
      type: 'zip',
      virtualenv: path.join(app, 'env'),
      requirements: 'requirements.txt',
      system_dependencies: 'system.json',
      managed_services: ['app'],
    }),
    releases: [releaseOf('v2.0.0', { content: same })],
    install: (app) => {
      installWeb(app)
      makeBareVirtualenv(path.join(app, 'env'))
      writeTree(app, { ...same, 'env/mine.txt': 'mine' })
    },
    overrides: { services: { restart: async (service) => void restarted.push(service) } },
  })
  await at.bench.engine.upgrade('app')
  assert.equal(text(at.app, 'env/mine.txt'), 'mine')
  assert.deepEqual(restarted, ['app'])
})

test('a rollback brings the kept version back without the network, and again the other way', async (t) => {
  const at = await releaseScene(t)
  const old = at.tree()
  await at.bench.engine.upgrade('app')
  const fresh = at.tree()
  at.forge.vanish()
  await at.bench.engine.rollback('app')
  assert.deepEqual(at.tree(), old)
  assert.equal(at.status().version, 'v1.0.0')
  assert.equal(at.messages().at(-1), 'Web Client app: Rollback Complete')
  const lines = at.messages().length
  await at.bench.engine.rollback('app')
  assert.equal(at.messages().length, lines)
  await at.bench.engine.change({ ...plainChange('rollback', ['app'], 'test'), version: 'v2.0.0' })
  assert.deepEqual(at.tree(), fresh)
  assert.equal(kept(at).length, 1)
})

test('what was never updated has nothing to go back to', async (t) => {
  const at = await releaseScene(t)
  await at.bench.engine.rollback('app')
  assert.deepEqual(at.messages(), [])
  const broken = await releaseScene(t, { install: (app) => writeTree(app, { 'index.html': '' }) })
  await assert.rejects(broken.bench.engine.rollback('app'), {
    kind: 'refused',
    message: 'Incomplete Rollback Data',
  })
})

test('a rollback mends an install that tells nothing any more', async (t) => {
  const at = await releaseScene(t)
  await at.bench.engine.upgrade('app')
  rmSync(path.join(at.app, 'release_info.json'))
  await at.bench.engine.refresh('app')
  assert.equal(at.status().is_valid, false)
  await at.bench.engine.rollback('app')
  assert.deepEqual([at.status().is_valid, at.status().version], [true, 'v1.0.0'])
})

test('a version that is not kept comes from the forge again, by its tag and with its own asset', async (t) => {
  const install = (app: string): void => {
    installWeb(app)
    const info = { project_name: 'app', project_owner: 'owner', version: '1.0', asset_name: 'mine.zip' }
    writeTree(app, { 'release_info.json': JSON.stringify(info) })
  }
  const assets = (version: string): Record<string, Buffer | string> => ({
    'first.zip': 'no zip',
    'mine.zip': archiveOf('owner/app', version, {
      'release_info.json': JSON.stringify({
        project_name: 'app',
        project_owner: 'owner',
        version,
        asset_name: 'mine.zip',
      }),
    }),
  })
  const one = { tag: 'one', name: '1.0', assets: assets('1.0') }
  const at = await releaseScene(t, { install, releases: [one], overrides: { generations: 0 } })
  at.forge.releases = [{ tag: 'two', name: '2.0', assets: assets('2.0') }, one]
  await at.bench.engine.refresh('app')
  await at.bench.engine.upgrade('app')
  assert.deepEqual(at.held(), [])
  assert.equal(existsSync(path.join(at.folder, '.moonkeeper')), false)
  await at.bench.engine.rollback('app')
  assert.equal(at.status().version, '1.0')
  assert.ok(at.forge.asked.includes('/repos/owner/app/releases/tags/one'))
  assert.ok(at.forge.asked.includes('/download/one/mine.zip'))
  assert.equal(
    at.forge.asked.some((asked) => asked.endsWith('first.zip')),
    false,
  )
})

test('a version that is neither kept nor released is unknown, and what is kept is told', async (t) => {
  const at = await releaseScene(t)
  await at.bench.engine.upgrade('app')
  const change = { ...plainChange('rollback', ['app'], 'test'), version: 'v7' }
  await assert.rejects(at.bench.engine.change(change), {
    kind: 'unknown_version',
    message: /Kept are: v1\.0\.0$/,
  })
})

test('as many versions are kept as are wanted, the newest', async (t) => {
  const at = await releaseScene(t, { overrides: { generations: 2, clock: systemClock } })
  for (const tag of ['v2.0.0', 'v3.0.0', 'v4.0.0', 'v5.0.0']) {
    at.forge.releases = [releaseOf(tag)]
    await at.bench.engine.refresh('app')
    await at.bench.engine.upgrade('app')
  }
  const versions = kept(at).map((name) => text(at.hold, name, 'index.html'))
  assert.deepEqual(versions, ['<html>v3.0.0</html>', '<html>v4.0.0</html>'])
  assert.equal(at.held().length, 2)
  const { updater } = at.bench.application('app')
  assert.equal(await updater.dropOldest(), true)
  assert.equal(await updater.dropOldest(), true)
  assert.equal(await updater.dropOldest(), false)
  assert.deepEqual(kept(at), [])
})

test('making room drops no version that a rollback is on its way to', async (t) => {
  const at = await releaseScene(t)
  await at.bench.engine.upgrade('app')
  const { updater } = at.bench.application('app')
  const context = { signal: new AbortController().signal, progress: () => {}, shown: false, fresh: false }
  await updater.survey({ kind: 'rollback', version: null }, context)
  assert.equal(await updater.dropOldest(), false)
  assert.equal(kept(at).length, 1)
})

test('what was prepared is started by a later life, with nobody to ask', async (t) => {
  const at = await releaseScene(t)
  const before = at.tree()
  const change = { ...plainChange('upgrade', ['app'], 'test'), until: 'prepared' } as const
  const job = await at.bench.engine.change(change)
  assert.equal(job?.state, 'prepared')
  assert.deepEqual([at.tree(), at.held()], [before, ['staged', 'staged.json']])
  await at.bench.engine.stop()
  at.forge.vanish()
  const again = await makeEngine(at.folder, { app: at.options }, forgeSurroundings(at.folder, at.forge))
  t.after(() => again.engine.stop())
  await again.engine.resume(null)
  assert.equal((await again.engine.startJob(job.id)).state, 'queued')
  await again.engine.jobs.get(job.id).ended
  assert.equal(again.engine.jobs.get(job.id).state, 'done')
  assert.match(text(at.app, 'index.html'), /v2\.0\.0/)
  assert.equal(at.held().length, 1)
})

test('a download tells the job how far it is', async (t) => {
  const at = await releaseScene(t)
  const shares: number[] = []
  const change = { ...plainChange('upgrade', ['app'], 'test'), idempotencyKey: 'k' }
  const { downloads } = forgeSurroundings(at.folder, at.forge)
  assert.ok(downloads)
  const told = at.bench.engine.change(change)
  const [job] = at.bench.engine.jobs.all()
  assert.ok(job)
  const move = job.move.bind(job)
  job.move = (stage, share) => {
    if (stage === 'preparing') shares.push(share)
    move(stage, share)
  }
  await told
  // The end of the download is where the steps begin.
  assert.deepEqual([shares[0], shares.at(-1)], [0.1, 0.4])
})

test('a prepared job that is cancelled leaves nothing', async (t) => {
  const at = await releaseScene(t)
  const before = at.tree()
  const change = { ...plainChange('upgrade', ['app'], 'test'), until: 'prepared' } as const
  const job = await at.bench.engine.change(change)
  await at.bench.engine.cancelJob(job?.id ?? '')
  // Whoever cancels does not wait for whoever uses the application.
  await at.bench.application('app').turn.drained()
  assert.deepEqual([at.tree(), existsSync(path.join(at.folder, '.moonkeeper'))], [before, false])
})

test('what another job is prepared to use is not dropped', async (t) => {
  const at = await releaseScene(t)
  const { engine } = at.bench
  const change = { ...plainChange('upgrade', ['app'], 'test'), until: 'prepared' } as const
  const [first, second] = [await engine.change(change), await engine.change(change)]
  await engine.cancelJob(first?.id ?? '')
  await at.bench.application('app').turn.drained()
  assert.deepEqual(at.held(), ['staged', 'staged.json'])
  at.forge.vanish()
  await engine.startJob(second?.id ?? '')
  await engine.jobs.get(second?.id ?? '').ended
  assert.equal(engine.jobs.get(second?.id ?? '').state, 'done')
})

test('what was prepared is not taken for another release of the same tag', async (t) => {
  const at = await releaseScene(t)
  const change = { ...plainChange('upgrade', ['app'], 'test'), until: 'prepared' } as const
  await at.bench.engine.change(change)
  at.forge.releases = [releaseOf('v2.0.0', { content: { fixed: 'yes' } })]
  await at.bench.engine.refresh('app')
  await at.bench.engine.upgrade('app')
  assert.equal(text(at.app, 'fixed'), 'yes')
})

test('a plan asks the forge, also where the last look found nothing new; without it that is said', async (t) => {
  const at = await releaseScene(t)
  await at.bench.engine.upgrade('app')
  const question = { goal: 'upgrade', names: ['app'], version: null, hard: false, check: 'all' } as const
  assert.equal((await at.bench.engine.plan(question)).applications[0]?.needed, false)
  at.forge.releases = [releaseOf('v9.0.0')]
  const plan = await at.bench.engine.plan(question)
  assert.equal(plan.applications[0]?.to.version, 'v9.0.0')
  await at.bench.engine.change({ ...plainChange('upgrade', ['app'], 'test'), planHash: plan.hash })
  assert.equal(at.status().version, 'v9.0.0')
  at.forge.vanish()
  const alone = await at.bench.engine.plan(question)
  assert.match(alone.applications[0]?.warnings.join() ?? '', /What is new is not known/)
})

test('a pin is where an upgrade ends', async (t) => {
  const at = await releaseScene(t, { releases: [releaseOf('v3.0.0'), releaseOf('v2.0.0')] })
  assert.equal(await at.bench.engine.pin('app', 'v2.0.0'), 'v2.0.0')
  assert.deepEqual([at.status().remote_version, at.status().pinned_version], ['v2.0.0', 'v2.0.0'])
  await at.bench.engine.upgrade('app')
  assert.equal(at.status().version, 'v2.0.0')
  await at.bench.engine.upgrade('app')
  assert.equal(at.status().version, 'v2.0.0')
  await assert.rejects(at.bench.engine.pin('app', 'v9'), { kind: 'unknown_version' })
  assert.equal(await at.bench.engine.pin('app', null), null)
  assert.equal(at.status().remote_version, 'v3.0.0')
})

test('an upgrade that names a version beyond the pin is refused', async (t) => {
  const at = await releaseScene(t, {
    releases: [releaseOf('v4.0.0'), releaseOf('v3.0.0'), releaseOf('v2.0.0')],
  })
  await at.bench.engine.pin('app', 'v3.0.0')
  const upgradeTo = (version: string): Promise<unknown> =>
    at.bench.engine.change({ ...plainChange('upgrade', ['app'], 'test'), version })
  await assert.rejects(upgradeTo('v4.0.0'), {
    kind: 'pinned',
    message: /is pinned to v3\.0\.0, and 'v4\.0\.0'/,
  })
  assert.equal(at.status().version, 'v1.0.0')
  for (const version of ['v2.0.0', 'v3.0.0']) {
    await upgradeTo(version)
    assert.equal(at.status().version, version)
  }
})

test('after a rollback to a named version a plain one goes to what was left', async (t) => {
  const at = await releaseScene(t)
  await at.bench.engine.upgrade('app')
  at.forge.releases = [releaseOf('v3.0.0')]
  await at.bench.engine.refresh('app')
  await at.bench.engine.upgrade('app')
  at.forge.vanish()
  await at.bench.engine.change({ ...plainChange('rollback', ['app'], 'test'), version: 'v1.0.0' })
  assert.deepEqual([at.status().version, at.status().rollback_version], ['v1.0.0', 'v3.0.0'])
  await at.bench.engine.rollback('app')
  assert.equal(at.status().version, 'v3.0.0')
  // compat: asked for once more, it has nothing to do.
  await at.bench.engine.rollback('app')
  assert.equal(at.status().version, 'v3.0.0')
})

test('the versions are those of the forge and the kept ones, and offline the kept ones', async (t) => {
  const at = await releaseScene(t, {
    releases: [releaseOf('v3.0.0-rc1', { prerelease: true }), releaseOf('v2.0.0', { name: 'Two' })],
  })
  await at.bench.engine.upgrade('app')
  const { versions, total, current, pinned } = await at.bench.engine.versions('app', { limit: 10, offset: 0 })
  assert.deepEqual(
    versions.map(({ version, id, title, current: here, kept: isKept }) => [version, id, title, here, isKept]),
    [
      ['v2.0.0', 'v2.0.0', 'Two', true, false],
      ['v1.0.0', 'v1.0.0', '', false, true],
    ],
  )
  assert.deepEqual([total, current, pinned], [2, 'v2.0.0', null])
  at.forge.vanish()
  const offline = await at.bench.engine.versions('app', { limit: 10, offset: 0 })
  assert.deepEqual(
    offline.versions.map(({ id }) => id),
    ['v1.0.0'],
  )
})

test('a plan changes nothing, and its hash is of what would be done', async (t) => {
  const at = await releaseScene(t, { releases: [releaseOf('v2.0.0'), releaseOf('v0.9.0')] })
  const before = at.tree()
  const question = { names: ['app'], goal: 'upgrade', version: null, hard: false, check: 'all' } as const
  const plan = await at.bench.engine.plan(question)
  const [only] = plan.applications
  assert.deepEqual(
    [only?.from.version, only?.to.version, only?.needed, only?.downgrade, only?.reversible],
    ['v1.0.0', 'v2.0.0', true, false, true],
  )
  assert.equal(only?.download_bytes, archiveOf('owner/app', 'v2.0.0').length)
  assert.deepEqual([at.tree(), at.held(), at.messages()], [before, [], []])
  assert.equal((await at.bench.engine.plan(question)).hash, plan.hash)
  const older = await at.bench.engine.plan({ ...question, version: 'v0.9.0' })
  assert.equal(older.applications[0]?.downgrade, true)
  assert.notEqual(older.hash, plan.hash)
  const change = { ...plainChange('upgrade', ['app'], 'test'), version: 'v0.9.0' }
  await assert.rejects(at.bench.engine.change(change), { kind: 'needs_plan_hash' })
  await at.bench.engine.change({ ...change, planHash: older.hash })
  assert.equal(at.status().version, 'v0.9.0')
})

test('a new version whose service does not start is undone, and not used again', async (t) => {
  let broken = true
  const restart = async (): Promise<void> => {
    if (broken) {
      broken = false
      throw new Error('the service does not start')
    }
  }
  const at = await releaseScene(t, {
    options: { type: 'zip', managed_services: ['app'], persistent_files: ['keep'] },
    install: (app) => (installWeb(app), writeTree(app, { 'keep/a': 'a' })),
    overrides: { services: { restart } },
  })
  const before = at.tree()
  await assert.rejects(at.bench.engine.upgrade('app'), /the service does not start/)
  assert.deepEqual([at.tree(), at.held()], [before, []])
  await at.bench.engine.upgrade('app')
  assert.equal(at.status().version, 'v2.0.0')
})

test('the folder is another one afterwards, and modes of the archive are kept', async (t) => {
  const at = await releaseScene(t, {
    releases: [
      {
        tag: 'v2.0.0',
        assets: {
          'app.zip': archiveOf('owner/app', 'v2.0.0', {}, [
            { name: 'run.sh', content: '#!/bin/sh\n', mode: 0o104755 },
          ]),
        },
      },
    ],
  })
  const inode = statSync(at.app).ino
  await at.bench.engine.upgrade('app')
  assert.notEqual(statSync(at.app).ino, inode)
  assert.equal(statSync(path.join(at.app, 'run.sh')).mode & 0o7777, 0o755)
})
