import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { archiveOf } from '../../support/forge.js'
import { installWeb, releaseOf, releaseScene, script, writeTree } from '../../support/release-scene.js'

const keys = [
  ...['channel', 'debug_enabled', 'channel_invalid', 'is_valid', 'configured_type', 'info_tags', 'name'],
  ...[
    'repo_name',
    'owner',
    'version',
    'remote_version',
    'rollback_version',
    'last_error',
    'warnings',
    'anomalies',
  ],
]

test('the status has the keys that front ends know, and what is installed and offered', async (t) => {
  const at = await releaseScene(t, { options: { info_tags: ['desc=A'] } })
  assert.deepEqual(Object.keys(at.status()), keys)
  assert.deepEqual(at.status(), {
    channel: 'stable',
    debug_enabled: false,
    channel_invalid: false,
    is_valid: true,
    configured_type: 'web',
    info_tags: ['desc=A'],
    name: 'app',
    repo_name: 'app',
    owner: 'owner',
    version: 'v1.0.0',
    remote_version: 'v2.0.0',
    rollback_version: 'v1.0.0',
    last_error: '',
    warnings: [],
    anomalies: [],
  })
})

const beta = [releaseOf('v3.0.0-beta1', { prerelease: true }), releaseOf('v2.0.0')]

test('the stable channel offers no pre-release, beta the newest of all', async (t) => {
  const stable = await releaseScene(t, { releases: beta })
  assert.equal(stable.status().remote_version, 'v2.0.0')
  const newest = await releaseScene(t, { releases: beta, options: { channel: 'beta' } })
  assert.equal(newest.status().remote_version, 'v3.0.0-beta1')
})

test('Mainsail and Fluidd are known by their manifest where there is no release_info.json', async (t) => {
  for (const [manifest, name, owner] of [
    ['manifest.json', 'Mainsail', 'mainsail-crew'],
    ['manifest.webmanifest', 'fluidd', 'fluidd-core'],
  ] as const) {
    const at = await releaseScene(t, {
      options: { repo: `${owner}/${name.toLowerCase()}` },
      install: (app) =>
        writeTree(app, { '.version': 'v1.30.0\n', [manifest]: JSON.stringify({ name }), 'index.html': '' }),
    })
    const { is_valid, version, repo_name, anomalies } = at.status()
    assert.deepEqual([is_valid, version, repo_name, anomalies], [true, 'v1.30.0', name.toLowerCase(), []])
  }
})

test('another manifest, and one of a zip application, say nothing', async (t) => {
  const install = (name: string) => (app: string) =>
    writeTree(app, { '.version': 'v1', 'manifest.json': JSON.stringify({ name }) })
  const other = await releaseScene(t, { install: install('toString') })
  const zip = await releaseScene(t, { install: install('mainsail'), options: { type: 'zip' } })
  for (const at of [other, zip]) {
    assert.deepEqual(at.status().warnings, ['Failed to validate installation'])
    assert.equal(at.status().version, '?')
    await assert.rejects(at.bench.engine.upgrade('app'), {
      kind: 'not_valid',
      message: /Invalid install detected, aborting update$/,
    })
  }
})

test('a project that is not the configured one is an anomaly, and the one that is updated', async (t) => {
  const at = await releaseScene(t, { options: { repo: 'somebody/else' } })
  assert.deepEqual(at.status().anomalies, [
    "Value at option 'repo: somebody/else' does not match detected repo 'owner/app', falling back to detected version.",
  ])
  assert.deepEqual([at.status().is_valid, at.status().remote_version], [true, 'v2.0.0'])
  const silent = await releaseScene(t, { options: { repo: 'somebody/else', report_anomalies: false } })
  assert.deepEqual(silent.status().anomalies, [])
})

test('a release is looked up by its tag, and shown by its name where that is a version', async (t) => {
  const named = { name: 'v2.0.0', content: {} }
  const shown = await releaseScene(t, { releases: [releaseOf('release-2', named)] })
  assert.equal(shown.status().remote_version, 'v2.0.0')
  const title = await releaseScene(t, { releases: [releaseOf('v2.0.0', { name: 'The second one' })] })
  assert.equal(title.status().remote_version, 'v2.0.0')
  await title.bench.engine.upgrade('app')
  assert.equal(title.status().version, 'v2.0.0')
  assert.equal(title.bench.application('app').updater.offer(), null)
})

test('a release whose name and tag are not what the install says is not offered twice', async (t) => {
  const assets = { 'app.zip': archiveOf('owner/app', 'v2.0.0-build7') }
  const at = await releaseScene(t, { releases: [{ tag: 'nightly', name: 'Nightly build', assets }] })
  await at.bench.engine.upgrade('app')
  assert.deepEqual([at.status().version, at.status().remote_version], ['v2.0.0-build7', 'v2.0.0-build7'])
  const lines = at.messages().length
  await at.bench.engine.upgrade('app')
  assert.equal(at.messages().length, lines)
  await at.bench.engine.refresh('app')
  assert.equal(at.status().remote_version, 'v2.0.0-build7')
})

test('the asset that the install names is taken, and a missing one lists what there is', async (t) => {
  const install = (app: string): void => {
    installWeb(app)
    const info = { project_name: 'app', project_owner: 'owner', version: 'v1.0.0', asset_name: 'mine.zip' }
    writeTree(app, { 'release_info.json': JSON.stringify(info) })
  }
  const good = { 'other.zip': 'no zip', 'mine.zip': archiveOf('owner/app', 'v2.0.0') }
  const at = await releaseScene(t, { install, releases: [{ tag: 'v2.0.0', assets: good }] })
  await at.bench.engine.upgrade('app')
  assert.equal(at.status().version, 'v2.0.0')
  const missing = await releaseScene(t, {
    install,
    releases: [{ tag: 'v2.0.0', assets: { 'a.zip': '', 'b.zip': '' } }],
  })
  const before = missing.tree()
  await assert.rejects(missing.bench.engine.upgrade('app'), /no asset 'mine\.zip'.* It has: a\.zip, b\.zip$/)
  assert.deepEqual(missing.tree(), before)
  const none = await releaseScene(t, { releases: [{ tag: 'v2.0.0', assets: {} }] })
  await assert.rejects(none.bench.engine.upgrade('app'), /Web Client app: Invalid download url$/)
})

test("without a name the first asset that is no signature or checksum is the application's", async (t) => {
  const assets = {
    'app.zip.sha256': 'x',
    'app.zip.minisig': 'x',
    'app.zip': archiveOf('owner/app', 'v2.0.0'),
  }
  const at = await releaseScene(t, { releases: [{ tag: 'v2.0.0', assets }] })
  await at.bench.engine.upgrade('app')
  assert.equal(at.status().version, 'v2.0.0')
})

test('a forge that fails is told, and what is known of it stays', async (t) => {
  const at = await releaseScene(t)
  at.forge.apiStatus = 500
  await at.bench.engine.refresh('app')
  assert.deepEqual(
    [at.status().last_error, at.status().remote_version],
    ['HTTP 500: Internal Server Error', 'v2.0.0'],
  )
  at.forge.apiStatus = null
  at.forge.releases = []
  await at.bench.engine.refresh('app')
  assert.deepEqual([at.status().last_error, at.status().remote_version], ['HTTP 404: Not Found', 'v2.0.0'])
  at.forge.apiStatus = 403
  const reset = String(Math.floor(Date.now() / 1000) + 1800)
  at.forge.headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
  await at.bench.engine.refresh('app')
  assert.equal(at.status().last_error, 'HTTP 403: Forbidden')
  const { github_requests_remaining, github_limit_reset_time } = at.bench.engine.status().value
  assert.deepEqual([github_requests_remaining, github_limit_reset_time], [0, Number(reset)])
})

test('nothing known of the forge refuses an upgrade and says why', async (t) => {
  const at = await releaseScene(t, { releases: [] })
  assert.deepEqual([at.status().remote_version, at.status().last_error], ['?', 'HTTP 404: Not Found'])
  await assert.rejects(at.bench.engine.upgrade('app'), {
    kind: 'not_valid',
    message: /Unable to locate update \(HTTP 404: Not Found\)/,
  })
})

test('an application whose channel does not exist is not updated', async (t) => {
  const at = await releaseScene(t, { overrides: { channelInvalid: true } })
  const { channel_invalid, is_valid, version } = at.status()
  assert.deepEqual([channel_invalid, is_valid, version], [true, false, '?'])
})

test('an executable needs its asset_name and its file', async (t) => {
  const nameless = await releaseScene(t, { options: { type: 'executable' }, install: installWeb })
  assert.match(nameless.status().warnings[0] ?? '', /require the 'asset_name' field/)
  const fileless = await releaseScene(t, {
    options: { type: 'executable' },
    install: (app) => {
      const info = { project_name: 'app', project_owner: 'owner', version: 'v1', asset_name: 'tool' }
      writeTree(app, { 'release_info.json': JSON.stringify(info), other: script('v1') })
    },
  })
  assert.match(fileless.status().warnings[0] ?? '', /File tool not found/)
  const outside = await releaseScene(t, {
    options: { type: 'executable' },
    install: (app) => {
      const info = { project_name: 'app', project_owner: 'owner', version: 'v1', asset_name: '../data/x' }
      writeTree(app, { 'release_info.json': JSON.stringify(info) })
    },
  })
  assert.equal(outside.status().is_valid, false)
})

test('a folder within a git repository is not exchanged', async (t) => {
  const at = await releaseScene(t, {
    install: (app) => {
      installWeb(app)
      writeTree(path.dirname(app), { '.git/HEAD': 'ref: refs/heads/master\n' })
    },
  })
  assert.match(at.status().warnings[0] ?? '', /is within a git repo\. Found \.git folder at /)
  await assert.rejects(at.bench.engine.upgrade('app'), { kind: 'not_valid' })
})

test('what was offered for another project is not offered for the one that is installed now', async (t) => {
  const at = await releaseScene(t)
  assert.equal(at.status().remote_version, 'v2.0.0')
  const info = { project_name: 'fork', project_owner: 'somebody', version: 'v1.5.0' }
  writeTree(at.app, { 'release_info.json': JSON.stringify(info) })
  await at.bench.engine.lookForChanges()
  assert.deepEqual(
    [at.status().owner, at.status().repo_name, at.status().version],
    ['somebody', 'fork', 'v1.5.0'],
  )
  assert.notEqual(at.status().remote_version, 'v2.0.0')
  assert.equal(at.bench.application('app').updater.offer(), null)
})
