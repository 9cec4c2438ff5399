import assert from 'node:assert/strict'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { createDownloads, type Downloads } from '../../../src/system/download.js'
import { systemFiles } from '../../../src/system/files.js'
import { systemHttp } from '../../../src/system/http.js'
import type { Overrides } from '../../support/engine.js'
import { failingFiles } from '../../support/engine.js'
import { archiveOf, type TestRelease } from '../../support/forge.js'
import { createSigner, signContent } from '../../support/minisign.js'
import { quickClock } from '../../support/quick-clock.js'
import { project, releaseOf, releaseScene, type ReleaseScene } from '../../support/release-scene.js'
import type { Fault } from '../../support/web-server.js'
import type { ZipEntry } from '../../support/zip.js'

/** What is old stays whole, nothing is under way, and only what a later try can use is held. */
const refused = async (
  at: ReleaseScene,
  expected: { readonly kind: string; readonly message?: RegExp },
  held: readonly string[] = [],
): Promise<void> => {
  const before = at.tree()
  await assert.rejects(at.bench.engine.upgrade('app'), expected)
  assert.deepEqual(at.tree(), before)
  assert.deepEqual(at.held(), held)
  assert.deepEqual([at.status().is_valid, at.status().version], [true, 'v1.0.0'])
  assert.match(at.messages().at(-1) ?? '', /^Error updating app: /)
}

/** The forge is mended: the next try succeeds. */
const thenWorks = async (at: ReleaseScene): Promise<void> => {
  at.forge.fault = null
  await at.bench.engine.upgrade('app')
  assert.equal(at.status().version, 'v2.0.0')
}

const evil: Readonly<Record<string, ZipEntry>> = {
  'a path out of the folder': { name: '../evil', content: 'x' },
  'an absolute path': { name: '/etc/evil', content: 'x' },
  'a link out of the folder': { name: 'link', content: '../../evil', mode: 0o120777 },
  'a wrong checksum': { name: 'bad', content: 'x', crc: 1 },
  'the same name twice': { name: 'index.html', content: 'x' },
}

for (const [what, entry] of Object.entries(evil)) {
  test(`an archive with ${what} is refused before anything is changed`, async (t) => {
    const releases = [{ tag: 'v2.0.0', assets: { 'app.zip': archiveOf(project, 'v2.0.0', {}, [entry]) } }]
    await refused(await releaseScene(t, { releases }), { kind: 'bad_archive' })
  })
}

test('what is no archive, of no project or of another one is refused', async (t) => {
  for (const [content, message] of [
    ['this is not a zip file', /./],
    [archiveOf(null, 'v2.0.0'), /has no release_info\.json that tells what it is/],
    [archiveOf('owner/other', 'v2.0.0'), /is of owner\/other/],
  ] as const) {
    const at = await releaseScene(t, { releases: [{ tag: 'v2.0.0', assets: { 'app.zip': content } }] })
    await refused(at, { kind: 'bad_archive', message })
  }
})

test('a download that is not what was published is thrown away', async (t) => {
  const wrong = await releaseScene(t, { releases: [releaseOf('v2.0.0', { digest: 'wrong' })] })
  await refused(wrong, { kind: 'digest_mismatch' })
  const corrupt = await releaseScene(t)
  corrupt.forge.fault = { kind: 'corrupt', at: 40 }
  await refused(corrupt, { kind: 'digest_mismatch' })
  await thenWorks(corrupt)
})

test('a forge that answers with an error is told as Moonraker does', async (t) => {
  for (const [status, message] of [
    [404, /^HTTP 404: Not Found$/],
    [503, /^HTTP 503: Service Unavailable$/],
  ] as const) {
    const at = await releaseScene(t)
    at.forge.fault = { kind: 'status', status }
    await refused(at, { kind: 'http_failed', message })
    await thenWorks(at)
  }
})

/** Real downloads that are impatient. */
const impatient = (): Overrides => {
  const downloads = createDownloads({ http: systemHttp, files: systemFiles, clock: quickClock() })
  const fetch: Downloads['fetch'] = (request) =>
    downloads.fetch({ ...request, limits: { ...request.limits, stall: 50, total: 400, attempts: 2 } })
  return { downloads: { ...downloads, fetch } }
}

const faults: Readonly<Record<string, Fault>> = {
  'is reset': { kind: 'reset', after: 60 },
  'ends too early': { kind: 'end', after: 60 },
  stalls: { kind: 'stall', after: 60 },
  'is too slow': { kind: 'slow' },
}

for (const [what, fault] of Object.entries(faults)) {
  test(`a download that ${what} ends in an error, and what came is used by the next try`, async (t) => {
    const at = await releaseScene(t, { overrides: impatient() })
    at.forge.fault = fault
    await refused(at, { kind: 'remote_failed', message: /What came is kept; try again/ }, [
      'download.part',
      'download.part.json',
    ])
    await thenWorks(at)
    assert.equal(at.held().length, 1)
  })
}

test('nobody there, and a limit that is used up, are told', async (t) => {
  const gone = await releaseScene(t)
  gone.forge.vanish()
  await refused(gone, { kind: 'remote_failed' })
  const limited = await releaseScene(t)
  await limited.bench.engine.pin('app', 'v2.0.0')
  limited.forge.releases = [releaseOf('v3.0.0'), releaseOf('v2.0.0')]
  await limited.bench.engine.refresh('app')
  limited.forge.apiStatus = 403
  limited.forge.headers = {
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 1800),
  }
  await refused(limited, { kind: 'rate_limited', message: /allows no more requests for now/ })
})

const signer = createSigner()
const archive = archiveOf(project, 'v2.0.0')

const signed = (signature: string | null): readonly TestRelease[] => [
  {
    tag: 'v2.0.0',
    assets: { 'app.zip': archive, ...(signature === null ? {} : { 'app.zip.minisig': signature }) },
  },
]

const withKey = (t: TestContext, signature: string | null): Promise<ReleaseScene> =>
  releaseScene(t, { releases: signed(signature), overrides: { signingKeys: [signer.publicKey] } })

test('with a key named, a release is installed only when that key signed it', async (t) => {
  const good = await withKey(t, signContent(signer, archive))
  await good.bench.engine.upgrade('app')
  assert.deepEqual([good.status().version, good.held().length], ['v2.0.0', 1])
  await refused(await withKey(t, null), { kind: 'bad_signature', message: /is not signed/ })
  await refused(await withKey(t, signContent(signer, Buffer.from('other'))), { kind: 'bad_signature' })
  const stranger = createSigner('stranger')
  await refused(await withKey(t, signContent(stranger, archive)), { kind: 'bad_signature' })
  await refused(await withKey(t, 'x'.repeat(20_000)), { kind: 'refused' })
})

test('a full disk ends in an error, and the next try has room', async (t) => {
  const disk = failingFiles()
  const files = disk.files
  const downloads = createDownloads({ http: systemHttp, files, clock: quickClock() })
  const at = await releaseScene(t, { overrides: { files, downloads } })
  disk.refuse('ENOSPC')
  const before = at.tree()
  await assert.rejects(at.bench.engine.upgrade('app'), /ENOSPC/)
  assert.deepEqual(at.tree(), before)
  disk.refuse(null)
  await thenWorks(at)
})

test('a persistent file that cannot get its place changes nothing', async (t) => {
  const at = await releaseScene(t, {
    releases: [releaseOf('v2.0.0', { content: { config: 'a file, where a folder is wanted' } })],
    options: { persistent_files: ['index.html', 'config/mine'] },
  })
  await systemFiles.makeFolder(path.join(at.app, 'config'))
  await systemFiles.writeText(path.join(at.app, 'config/mine'), 'mine')
  const before = at.tree()
  await assert.rejects(at.bench.engine.upgrade('app'))
  assert.deepEqual(at.tree(), before)
  assert.deepEqual(at.held(), ['staged', 'staged.json'])
})
