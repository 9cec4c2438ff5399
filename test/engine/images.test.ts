import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { plainChange, type Change } from '../../src/engine/change.js'
import type { ImageManifest } from '../../src/contract/generated/types.js'
import { createSigner } from '../support/minisign.js'
import { makeBuilder, makeCutOff, type CutOff } from '../support/farm.js'
import { temporaryFolder } from '../support/folder.js'
import { makeImage } from '../support/image.js'
import { commit, git } from '../support/repositories.js'
import { snapshot } from '../support/snapshot.js'

const signer = createSigner()

const fromImage = (image: number, more: Partial<Change> = {}): Change => ({
  ...plainChange('upgrade', null, 'test'),
  image,
  ...more,
})

const versionsOf = ({ app, site }: CutOff): readonly unknown[] => [
  git(app, 'describe', '--tags'),
  (JSON.parse(readFileSync(path.join(site, 'release_info.json'), 'utf8')) as { version: string }).version,
]

const before = ['v1.0.0', 'v1.0.0']
const newest = ['v1.1.0-1-g', 'v2.0.0']

const assertNewest = (printer: CutOff): void => {
  const [app = '', site] = versionsOf(printer) as string[]
  assert.deepEqual([app.slice(0, 10), site], newest)
}

/** What a user sees of both applications. */
const trees = ({ app, site }: CutOff): unknown => [
  git(app, 'rev-parse', 'HEAD'),
  git(app, 'status', '--porcelain'),
  git(app, 'branch', '--show-current'),
  snapshot(site),
]

let made: Promise<Buffer> | null = null

/** Of both applications. It is made once. */
const signedImage = (t: TestContext): Promise<Buffer> => {
  made ??= makeBuilder(t, signer).then((builder) => builder.image())
  return made
}

test('an image made on one machine updates another that reaches nobody, and is rolled back', async (t) => {
  const printer = await makeCutOff(t, signer)
  const image = await printer.send(await signedImage(t))
  assert.equal(image.state, 'VALID', image.state_description)
  const question = { goal: 'upgrade', names: null, version: null, hard: false, check: 'all' } as const
  const plan = await printer.bench.engine.plan({ ...question, image: image.id })
  assert.deepEqual(
    plan.applications.map(({ name, needed, download_bytes, downgrade }) => [
      name,
      needed,
      download_bytes,
      downgrade,
    ]),
    [
      ['app', true, 0, false],
      ['site', true, 0, false],
    ],
  )
  assert.deepEqual(versionsOf(printer), before)
  const untouched = trees(printer)
  assert.equal(await printer.bench.engine.change(fromImage(image.id, { planHash: plan.hash })), null)
  assertNewest(printer)
  assert.equal(git(printer.app, 'describe', '--tags', '--abbrev=0'), 'v1.1.0')
  assert.equal(git(printer.app, 'for-each-ref', 'refs/moonkeeper/arrived'), '')
  const [job] = printer.bench.engine.jobs.list({ limit: 1, offset: 0 }).jobs
  assert.deepEqual([job?.state, job?.image], ['done', { id: image.id, version: '2026.11' }])
  const { entries } = await printer.bench.engine.history({ name: null, limit: 10, offset: 0 })
  assert.deepEqual(
    entries.map(({ application, image: from }) => [application, from]),
    [
      ['site', '2026.11'],
      ['app', '2026.11'],
    ],
  )
  for (const name of ['app', 'site']) await printer.bench.engine.rollback(name)
  assert.deepEqual(trees(printer), untouched)
})

test('one that is up to date is left as it is', async (t) => {
  const printer = await makeCutOff(t, signer)
  const { id } = await printer.send(await signedImage(t))
  await printer.bench.engine.change(fromImage(id))
  const done = trees(printer)
  await printer.bench.engine.change(fromImage(id))
  assert.deepEqual(trees(printer), done)
})

test('only those that are named, as one, prepared first, and started when the image is still there', async (t) => {
  const printer = await makeCutOff(t, signer)
  const { engine } = printer.bench
  const { id } = await printer.send(await signedImage(t))
  await engine.change(fromImage(id, { names: ['site'] }))
  assert.deepEqual(versionsOf(printer), ['v1.0.0', 'v2.0.0'])
  await engine.rollback('site')
  const prepared = await engine.change(fromImage(id, { until: 'prepared', atomic: true }))
  assert.deepEqual(versionsOf(printer), before)
  await assert.rejects(printer.images.delete(id), { kind: 'image_in_use' })
  await engine.startJob(prepared?.id ?? '')
  await printer.bench.untilTold((job) => job.id === prepared?.id && job.state === 'done')
  assertNewest(printer)
  await printer.images.delete(id)
})

test('a key that was taken back while a job was prepared is not trusted any more', async (t) => {
  let keys = [signer.publicKey]
  const rules = () => ({ signingKeys: keys, allowUnsigned: false, maxSize: 1 << 26, architecture: 'x64' })
  const printer = await makeCutOff(t, signer, { rules })
  const { engine } = printer.bench
  const { id } = await printer.send(await signedImage(t))
  const untouched = trees(printer)
  keys = [createSigner('otherkey').publicKey]
  await assert.rejects(engine.change(fromImage(id)), { kind: 'bad_signature' })
  assert.deepEqual(trees(printer), untouched)
})

interface Refusal {
  /** Of what is in the image. */
  readonly forge?: (manifest: ImageManifest, members: Record<string, Buffer>) => void
  readonly ask?: Partial<Change>
  readonly printer?: (printer: CutOff) => void
  readonly kind: string
  readonly message: RegExp
}

const refusals: Readonly<Record<string, Refusal>> = {
  'for an application that is not here': {
    forge: ({ applications }) => void applications.forEach((one) => (one.name = `${one.name}2`)),
    kind: 'unknown_application',
    message: /app2/,
  },
  'asked for what it does not carry': {
    ask: { names: ['app', 'other'] },
    kind: 'bad_argument',
    message: /nothing for other.*app, site/,
  },
  'asked for with a version': {
    ask: { names: ['app'], version: 'v1.1.0' },
    kind: 'bad_argument',
    message: /'version' or 'image'/,
  },
  'for an application of another type': {
    forge: ({ applications }) => void applications.forEach((one) => (one.type = 'zip')),
    kind: 'bad_image',
    message: /zip.*git_repo/,
  },
  'whose bundle has another commit': {
    forge: ({ applications: [app] }) => void Object.assign(app ?? {}, { id: 'a'.repeat(40) }),
    kind: 'bad_image',
    message: /another commit/,
  },
  'of another branch': {
    forge: ({ applications: [app] }) => void Object.assign(app ?? {}, { branch: 'develop' }),
    kind: 'not_valid',
    message: /develop, not master/,
  },
  'whose release is of another project': {
    forge: ({ applications: [, site] }) => void Object.assign(site?.release ?? {}, { repo: 'evil/site' }),
    ask: { names: ['site'] },
    kind: 'bad_image',
    message: /evil\/site/,
  },
  'whose file is not what the forge published': {
    forge: ({ applications: [, site] }) =>
      void Object.assign(site?.release?.asset ?? {}, { sha256: '0'.repeat(64) }),
    ask: { names: ['site'] },
    kind: 'bad_image',
    message: /forge published/,
  },
  'that rotted on the disk': {
    printer: ({ folder }) => {
      const at = path.join(folder, 'data/moonkeeper/images/1/0-app/app.bundle')
      const bytes = readFileSync(at)
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
      writeFileSync(at, bytes)
    },
    kind: 'bad_image',
    message: /app\.bundle.*SHA-256/,
  },
  'for an edited checkout': {
    printer: ({ app }) => writeFileSync(path.join(app, 'app.py'), 'mine\n'),
    kind: 'not_valid',
    message: /not valid/,
  },
  'of a remote that was written anew': {
    printer: ({ app }) => {
      commit(app, 'on another way', { 'other.txt': 'x' })
      git(app, 'update-ref', 'refs/remotes/origin/master', 'HEAD')
    },
    kind: 'not_valid',
    message: /another branch or repository/,
  },
}

/** Takes a true image apart, and puts another one together. */
const forged = async (t: TestContext, { forge }: Refusal): Promise<Buffer> => {
  const folder = await temporaryFolder(t)
  const [file, into] = [path.join(folder, 'image.zip'), path.join(folder, 'taken-apart')]
  writeFileSync(file, await signedImage(t))
  execFileSync('/usr/bin/python3', ['-m', 'zipfile', '-e', file, into])
  const manifest = JSON.parse(readFileSync(path.join(into, 'manifest.json'), 'utf8')) as ImageManifest
  const members = Object.fromEntries(
    manifest.members.map((member) => [member.path, readFileSync(path.join(into, member.path))]),
  )
  forge?.(manifest, members)
  return makeImage({ manifest, members }, signer)
}

for (const [what, refusal] of Object.entries(refusals))
  test(`an image ${what} is refused, and nothing is changed`, async (t) => {
    const printer = await makeCutOff(t, signer)
    const image = await printer.send(await forged(t, refusal))
    assert.equal(image.state, 'VALID', image.state_description)
    refusal.printer?.(printer)
    await printer.bench.engine.lookForChanges()
    const untouched = trees(printer)
    const { kind, message } = refusal
    await assert.rejects(printer.bench.engine.change(fromImage(image.id, refusal.ask)), { kind, message })
    assert.deepEqual(trees(printer), untouched)
    assert.deepEqual(
      readdirSync(printer.folder).filter((name) => name.startsWith('.')),
      [],
    )
    assert.equal(git(printer.app, 'for-each-ref', 'refs/moonkeeper/arrived'), '')
  })

test('what is edited, not of its remote, or cut off is not put into an image', async (t) => {
  const cases: readonly [(app: string) => void, RegExp][] = [
    [(app) => writeFileSync(path.join(app, 'app.py'), 'mine\n'), /edited/],
    [(app) => void commit(app, 'mine', { 'mine.txt': 'x' }), /diverged|no part of/],
    [(app) => rmSync(path.join(app, '.git'), { recursive: true }), /damaged/],
  ]
  for (const [prepare, message] of cases) {
    const { bench, maker, app, folder } = await makeBuilder(t, signer)
    prepare(app)
    await bench.engine.lookForChanges()
    await assert.rejects(maker.build(['app'], null), { kind: 'not_valid', message })
    assert.deepEqual(readdirSync(path.join(folder, 'data/moonkeeper')).includes('built'), false)
  }
})
