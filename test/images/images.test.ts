import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, writeFileSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Image, ImageManifest } from '../../src/contract/generated/types.js'
import { Images, type ImagesSetup } from '../../src/images/images.js'
import type { ImageRules } from '../../src/images/validation.js'
import { createDownloads } from '../../src/system/download.js'
import { systemFiles } from '../../src/system/files.js'
import { systemHttp } from '../../src/system/http.js'
import { temporaryFolder } from '../support/folder.js'
import { imageParts, makeImage } from '../support/image.js'
import { createSigner } from '../support/minisign.js'
import { quickClock } from '../support/quick-clock.js'
import { silentLog } from '../support/surroundings.js'
import { serveFile, serveWeb } from '../support/web-server.js'

const signer = createSigner()
const rules: ImageRules = {
  signingKeys: [signer.publicKey],
  allowUnsigned: false,
  maxSize: 1024 * 1024,
  architecture: 'arm64',
}

interface Bench {
  readonly images: Images
  readonly folder: string
  /** What lies there, but for the index. */
  readonly left: () => readonly string[]
  readonly again: () => Promise<Images>
}

const bench = async (t: TestContext, change: Partial<ImagesSetup> = {}): Promise<Bench> => {
  const folder = path.join(await temporaryFolder(t), 'images')
  const clock = quickClock()
  const setup: ImagesSetup = {
    folder,
    files: systemFiles,
    downloads: createDownloads({ http: systemHttp, files: systemFiles, clock }),
    clock,
    log: silentLog,
    rules: () => rules,
    hosts: () => [],
    minFreeSpace: () => 0,
    inUse: () => false,
    ...change,
  }
  const images = new Images(setup)
  await images.load()
  t.after(() => images.stop())
  return {
    images,
    folder,
    left: () => readdirSync(folder).filter((name) => !name.includes('index.json')),
    again: async () => {
      const next = new Images(setup)
      await next.load()
      return next
    },
  }
}

async function* inPieces(content: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < content.length; start += 10_000) {
    await Promise.resolve()
    yield content.subarray(start, start + 10_000)
  }
}

/** Until it is neither coming nor looked at. */
const settled = async (images: Images, id: number): Promise<Image> => {
  for (;;) {
    const image = images.get(id)
    if (image.state !== 'UPLOADING' && image.state !== 'VALIDATING') return image
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const upload = async (images: Images, content: Buffer): Promise<Image> => {
  const signal = new AbortController().signal
  const { id } = await images.receive({ content: inPieces(content), size: content.length, signal })
  return settled(images, id)
}

test('a signed image is taken in, and its members lie ready', async (t) => {
  const { images, left } = await bench(t)
  const parts = imageParts()
  const content = makeImage(parts, signer)
  const image = await upload(images, content)
  assert.equal(image.state, 'VALID', image.state_description)
  assert.deepEqual(
    [image.version, image.checksum, image.size, image.progress, image.applications],
    [
      '2026.11',
      createHash('sha256').update(content).digest('hex'),
      content.length,
      1,
      [{ name: 'app', version: 'v2.0.0' }],
    ],
  )
  await images.use(image.id, async (open) => {
    assert.deepEqual([open.manifest, open.signedBy], [parts.manifest, image.signed_by])
    assert.deepEqual(readFileSync(path.join(open.folder, 'app/two.bin')), parts.members['app/two.bin'])
  })
  assert.deepEqual(left(), ['1'])
})

const manifestOf = (): ImageManifest => imageParts().manifest
const [first, second] = manifestOf().members as [ImageManifest['members'][0], ImageManifest['members'][0]]
const [application] = manifestOf().applications as [ImageManifest['applications'][0]]

const refused: Readonly<Record<string, readonly [Buffer, string, RegExp]>> = {
  'no zip': [Buffer.from('hello'), 'bad_archive', /refused/],
  unsigned: [makeImage(imageParts(), null), 'bad_signature', /not signed/],
  'of a foreign key': [makeImage(imageParts(), createSigner('otherkey')), 'bad_signature', /does not name/],
  'with a wrong digest': [
    makeImage(imageParts({ members: [{ ...first, sha256: '0'.repeat(64) }, second] }), signer),
    'bad_image',
    /one\.bin.*SHA-256/,
  ],
  'with a wrong size': [
    makeImage(imageParts({ members: [{ ...first, size: 11 }, second] }), signer),
    'bad_image',
    /10 bytes instead of 11/,
  ],
  'for another machine': [
    makeImage(imageParts({ applications: [{ ...application, architecture: 'x64' }] }), signer),
    'bad_image',
    /x64.*arm64/,
  ],
  'with a file that is not listed': [
    makeImage(imageParts(), signer, [{ name: 'app/more', content: 'x' }]),
    'bad_image',
    /app\/more/,
  ],
  'with a link': [
    makeImage(imageParts(), signer, [{ name: 'app/link', content: 'one.bin', mode: 0o120777 }]),
    'bad_image',
    /links/,
  ],
  'without a member': [
    makeImage({ ...imageParts(), members: { 'app/one.bin': Buffer.from('first file') } }, signer),
    'bad_image',
    /two\.bin is missing/,
  ],
  'that lists a file twice': [
    makeImage(imageParts({ members: [first, first, second] }), signer),
    'bad_image',
    /twice/,
  ],
  'of a path that leads out': [
    makeImage(
      imageParts({
        members: [{ ...first, path: '../one' }, second],
        applications: [{ ...application, members: ['../one', second.path] }],
      }),
      signer,
    ),
    'bad_image',
    /not as it should be/,
  ],
  'of a later format': [makeImage(imageParts({ format: 2 as 1 }), signer), 'bad_image', /newer Moonkeeper/],
  'that is a bomb': [
    makeImage(imageParts(), signer, [{ name: 'app/bomb', content: Buffer.alloc(40 * 1024 * 1024) }]),
    'bad_archive',
    /unpacks to more/,
  ],
}

for (const [what, [content, code, text]] of Object.entries(refused))
  test(`an image ${what} is refused, and nothing of it is kept`, async (t) => {
    const { images, left } = await bench(t)
    const image = await upload(images, content)
    assert.deepEqual([image.state, image.error, image.version], ['INVALID', code, null])
    assert.match(image.state_description, text)
    assert.deepEqual(left(), [])
    await assert.rejects(
      images.use(image.id, async () => undefined),
      { kind: 'not_valid' },
    )
  })

test('without a key an image is taken only when the configuration says so', async (t) => {
  const content = makeImage(imageParts(), null)
  const strict = await bench(t, { rules: () => ({ ...rules, signingKeys: [] }) })
  assert.equal((await upload(strict.images, content)).error, 'bad_signature')
  const open = await bench(t, { rules: () => ({ ...rules, signingKeys: [], allowUnsigned: true }) })
  const image = await upload(open.images, content)
  assert.deepEqual([image.state, image.signed_by], ['VALID', null])
})

test('an upload that is cut, ends early or is too large leaves a note and nothing else', async (t) => {
  const { images, left } = await bench(t)
  const content = makeImage(imageParts(), signer)
  const cut = new AbortController()
  async function* broken(): AsyncGenerator<Buffer> {
    await Promise.resolve()
    yield content.subarray(0, 100)
    cut.abort(new Error('the client is gone'))
    yield content.subarray(100)
  }
  const { signal } = new AbortController()
  const size = content.length
  await assert.rejects(images.receive({ content: broken(), size, signal: cut.signal }), /client is gone/)
  await assert.rejects(images.receive({ content: inPieces(content), size: size + 1, signal }), /of \d+ bytes/)
  const endless = inPieces(Buffer.alloc(rules.maxSize + 1))
  await assert.rejects(images.receive({ content: endless, size: null, signal }), { kind: 'too_large' })
  await assert.rejects(images.receive({ content: inPieces(content), size: rules.maxSize + 1, signal }), {
    kind: 'too_large',
  })
  assert.deepEqual(
    images.list().map(({ state }) => state),
    ['UPLOAD_ERROR', 'UPLOAD_ERROR', 'UPLOAD_ERROR'],
  )
  assert.deepEqual(left(), [])
})

test('one comes at a time', async (t) => {
  const { images } = await bench(t)
  const content = makeImage(imageParts(), signer)
  const { signal } = new AbortController()
  const one = images.receive({ content: inPieces(content), size: null, signal })
  await assert.rejects(images.receive({ content: inPieces(content), size: null, signal }), { kind: 'busy' })
  assert.equal((await settled(images, (await one).id)).state, 'VALID')
  assert.equal((await upload(images, content)).state, 'VALID')
})

test('an id is never given twice, and what a kill left half done is cleared away', async (t) => {
  const { images, folder, again, left } = await bench(t)
  const content = makeImage(imageParts(), signer)
  const { id } = await upload(images, content)
  const bad = await upload(images, Buffer.from('no'))
  await images.delete(bad.id)
  await assert.rejects(async () => images.get(bad.id), { kind: 'unknown_image' })
  // As a kill leaves it: on its way, with some of its files.
  const index = JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8')) as {
    images: Image[]
    next: number
  }
  assert.equal(index.next, 3)
  index.images.push({ ...images.get(id), id: 3, state: 'VALIDATING' })
  writeFileSync(path.join(folder, 'index.json'), JSON.stringify({ ...index, next: 4 }))
  mkdirSync(path.join(folder, '3/app'), { recursive: true })
  writeFileSync(path.join(folder, '3.zip'), 'half')
  writeFileSync(path.join(folder, '9.zip.part'), 'half')
  const next = await again()
  assert.deepEqual(
    next.list().map((image) => [image.id, image.state]),
    [
      [1, 'VALID'],
      [3, 'UPLOAD_ERROR'],
    ],
  )
  assert.deepEqual(left(), ['1'])
  assert.equal((await upload(next, content)).id, 4)
})

test('an image that an operation uses is not deleted', async (t) => {
  let used = true
  const { images, left } = await bench(t, { inUse: () => used })
  const { id } = await upload(images, makeImage(imageParts(), signer))
  await assert.rejects(images.delete(id), { kind: 'image_in_use' })
  used = false
  await images.delete(id)
  assert.deepEqual([images.list(), left()], [[], []])
})

test('an image is fetched from a host that is named, resumed after a cut', async (t) => {
  const content = makeImage(imageParts(), signer)
  const holder: { left?: () => readonly string[]; folder: string } = { folder: '' }
  const received = (): number => {
    try {
      return readFileSync(path.join(holder.folder, '1.zip.part')).length
    } catch {
      return 0
    }
  }
  const server = await serveFile(t, {
    content: () => content,
    received,
    fault: (request) => (request === 0 ? { kind: 'reset', after: 20_000 } : null),
  })
  const { images, folder } = await bench(t, { hosts: () => ['127.0.0.1'] })
  holder.folder = folder
  const begun = await images.fetch(`${server.url}/image.zip`)
  assert.equal(begun.state, 'UPLOADING')
  const image = await settled(images, begun.id)
  assert.equal(image.state, 'VALID', image.state_description)
})

test('nothing is fetched from elsewhere: other schemes, other hosts, names that lead to this machine', async (t) => {
  const url = await serveWeb(t, (request, response) => {
    if (request.url === '/away') response.writeHead(302, { location: url.replace('127.0.0.1', '127.0.0.2') })
    response.end('nothing')
  })
  const port = new URL(url).port
  const { images } = await bench(t, { hosts: () => ['127.0.0.1'] })
  for (const bad of [
    'file:///etc/passwd',
    'ftp://127.0.0.1/x',
    `http://u:p@127.0.0.1:${port}/`,
    `http://[::1]:${port}/`,
  ])
    await assert.rejects(images.fetch(bad), { kind: 'refused' })
  // A name that is allowed, and an address that it must not lead to.
  const names = (await bench(t, { hosts: () => ['localhost'] })).images
  const named = await settled(names, (await names.fetch(`http://localhost:${port}/`)).id)
  assert.deepEqual([named.state, named.error], ['UPLOAD_ERROR', 'refused'])
  assert.match(named.state_description, /localhost leads to/)
  const away = await settled(images, (await images.fetch(`${url}/away`)).id)
  assert.deepEqual([away.state, away.error], ['UPLOAD_ERROR', 'refused'])
  const closed = await bench(t)
  await assert.rejects(closed.images.fetch(url), /image_hosts/)
})

test('the keys that hold when it is used count, not those that it came with', async (t) => {
  let now = rules
  const { images } = await bench(t, { rules: () => now })
  const { id } = await upload(images, makeImage(imageParts(), signer))
  const use = (): Promise<string> => images.use(id, async ({ manifest }) => manifest.version)
  assert.equal(await use(), '2026.11')
  now = { ...rules, signingKeys: [createSigner('otherkey').publicKey] }
  await assert.rejects(use(), { kind: 'bad_signature' })
  now = { ...rules, signingKeys: [] }
  await assert.rejects(use(), { kind: 'bad_signature' })
})

test('what is used is not deleted meanwhile', async (t) => {
  const { images } = await bench(t)
  const { id } = await upload(images, makeImage(imageParts(), signer))
  await images.use(id, async () => {
    await assert.rejects(images.delete(id), { kind: 'image_in_use' })
  })
  await images.delete(id)
})

/** A clock on which nobody waits to the end, but for whom the test says so. */
const heldClock = () => {
  const ends: (() => void)[] = []
  const wait = (_: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      ends.push(resolve)
      signal?.addEventListener('abort', () => reject(new Error('aborted')))
    })
  return { clock: { ...quickClock(), wait }, elapse: () => ends.splice(0).forEach((end) => end()) }
}

async function* cutAfter(content: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve()
  yield content
  throw new Error('aborted')
}

test('an upload in pieces goes on where it was cut', async (t) => {
  const { images, left } = await bench(t, { clock: heldClock().clock })
  const content = makeImage(imageParts(), signer)
  const size = content.length
  const first = { image: null, start: 0, end: size }
  await assert.rejects(
    images.receive({ content: cutAfter(content.subarray(0, 700)), size, piece: first }),
    new RegExp(`after 700 of ${size} bytes`),
  )
  const { id, state, received } = images.list()[0] as Image
  assert.deepEqual([state, received], ['UPLOADING', 700])
  const piece = (start: number, end: number) => ({
    content: inPieces(content.subarray(start, end)),
    size,
    piece: { image: id, start, end },
  })
  await assert.rejects(images.receive(piece(0, size)), { kind: 'upload_mismatch', message: /byte 700/ })
  await assert.rejects(images.receive({ ...piece(700, size), size: size + 1 }), { kind: 'upload_mismatch' })
  assert.equal((await images.receive(piece(700, 900))).state, 'UPLOADING')
  await images.receive(piece(900, size))
  const image = await settled(images, id)
  assert.deepEqual(
    [image.state, image.checksum],
    ['VALID', createHash('sha256').update(content).digest('hex')],
  )
  await assert.rejects(images.receive(piece(900, size)), { kind: 'upload_mismatch' })
  assert.deepEqual(left(), ['1'])
})

test('the rest of an upload is not waited for when it does not come, is given up, or another one begins', async (t) => {
  const { clock, elapse } = heldClock()
  const { images, left } = await bench(t, { clock })
  const content = makeImage(imageParts(), signer)
  const begin = async (): Promise<number> => {
    const piece = { image: null, start: 0, end: content.length }
    const upload = { content: cutAfter(content.subarray(0, 100)), size: content.length, piece }
    await assert.rejects(images.receive(upload), { kind: 'refused' })
    return images.list().at(-1)?.id ?? 0
  }
  const late = await begin()
  assert.deepEqual(left(), ['1.zip.part'])
  elapse()
  const image = await settled(images, late)
  assert.deepEqual([image.state, image.error], ['UPLOAD_ERROR', 'interrupted'])
  await images.delete(await begin())
  const superseded = await begin()
  assert.equal((await upload(images, content)).state, 'VALID')
  assert.equal(images.get(superseded).state, 'UPLOAD_ERROR')
  const last = await begin()
  await images.stop()
  assert.equal(images.get(last).state, 'UPLOAD_ERROR')
  assert.deepEqual(left(), ['4'])
})

test('an image that would leave too little room is refused before it comes', async (t) => {
  const { images, left, folder } = await bench(t, { minFreeSpace: () => Number.MAX_SAFE_INTEGER })
  mkdirSync(folder, { recursive: true })
  const content = inPieces(makeImage(imageParts(), signer))
  await assert.rejects(images.receive({ content, size: null }), {
    kind: 'no_space',
    message: /min_free_space/,
  })
  assert.deepEqual([images.list(), left()], [[], []])
})

test('of images that were refused only the newest notes stay', async (t) => {
  const { images } = await bench(t)
  const { id } = await upload(images, makeImage(imageParts(), signer))
  for (let sent = 0; sent < 25; sent += 1) await upload(images, Buffer.from('no'))
  const ids = images.list().map((image) => image.id)
  assert.deepEqual([ids[0], ids.length, ids.at(-1)], [id, 22, 26])
})
