import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { inspect, unpack, type Unpacked, type UnpackRequest } from '../../src/releases/archive.js'
import { temporaryFolder } from '../support/folder.js'
import { snapshot } from '../support/snapshot.js'
import { makeZip, unicodePath, type ZipEntry } from '../support/zip.js'

interface Place {
  readonly archive: string
  readonly folder: string
}

const placeFor = async (t: Pick<TestContext, 'after'>, archive: Buffer): Promise<Place> => {
  const base = await temporaryFolder(t)
  const file = path.join(base, 'app.zip')
  writeFileSync(file, archive)
  return { archive: file, folder: path.join(base, 'new') }
}

const unpacked = async (
  t: TestContext,
  archive: Buffer,
  more: Partial<UnpackRequest> = {},
): Promise<{ readonly result: Unpacked; readonly found: Readonly<Record<string, string>> }> => {
  const place = await placeFor(t, archive)
  const result = await unpack({ ...place, ...more })
  return { result, found: snapshot(place.folder) }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

test('files, folders and links come with their permissions, without set-user-id and the like', async (t) => {
  const entries: readonly ZipEntry[] = [
    { name: 'bin/run', content: 'x', mode: 0o106755 },
    { name: 'secret', content: 'y', mode: 0o100600 },
    { name: 'read-only/', mode: 0o041555 },
    { name: 'read-only/file', content: 'z', mode: 0o100444 },
    { name: 'empty/deep/', mode: 0o040700 },
    { name: 'link', content: 'bin/run', method: 0, mode: 0o120777 },
    { name: 'bin/back', content: '../link', method: 0, mode: 0o120777 },
    { name: 'dangling', content: 'bin/none', method: 0, mode: 0o120777 },
    { name: 'unknown/no-mode', content: 'w' },
    { name: 'nothing', mode: 0o100644 },
  ]
  const { result, found } = await unpacked(t, makeZip(entries))
  const withoutFolders = Object.keys(found).filter((name) => found[name]?.startsWith('folder') === false)
  assert.deepEqual(found, {
    bin: 'folder 755',
    'bin/back': 'link to ../link',
    'bin/run': `file 755 ${base64('x')}`,
    dangling: 'link to bin/none',
    empty: 'folder 755',
    'empty/deep': 'folder 700',
    link: 'link to bin/run',
    nothing: 'file 644 ',
    'read-only': 'folder 755',
    'read-only/file': `file 444 ${base64('z')}`,
    secret: `file 600 ${base64('y')}`,
    unknown: 'folder 755',
    'unknown/no-mode': `file 644 ${base64('w')}`,
  })
  assert.equal(result.bytes, 4)
  assert.deepEqual([...result.files].sort(), withoutFolders)
})

test('what programs write differently is understood', async (t) => {
  const large = randomBytes(150_000)
  const cases: readonly (readonly [string, Buffer, Readonly<Record<string, Buffer>>])[] = [
    ['stored', makeZip([{ name: 'a', content: large, method: 0 }]), { a: large }],
    ['packed', makeZip([{ name: 'a', content: large }]), { a: large }],
    ['sizes after the content', makeZip([{ name: 'a', content: large, descriptor: true }]), { a: large }],
    [
      'sizes in 64 bits',
      makeZip([{ name: 'a', content: large, zip64: true }], { zip64: true }),
      { a: large },
    ],
    ['a comment', makeZip([{ name: 'a', content: large }], { comment: Buffer.from('hello') }), { a: large }],
    [
      'something before it',
      makeZip([{ name: 'a', content: large }], { before: Buffer.alloc(70_000) }),
      { a: large },
    ],
    [
      'a name in CP437',
      makeZip([{ name: Buffer.from([0x81]), flags: 0, content: 'x' }]),
      { ü: Buffer.from('x') },
    ],
    ['a name in UTF-8', makeZip([{ name: 'ü', content: 'x' }]), { ü: Buffer.from('x') }],
    [
      'a Unicode path',
      makeZip([{ name: 'u', flags: 0, extra: unicodePath('u', Buffer.from('ü')), content: 'x' }]),
      { ü: Buffer.from('x') },
    ],
    [
      'dots and double slashes',
      makeZip([
        { name: './', mode: 0o040755 },
        { name: './d//./a', content: 'x' },
      ]),
      { 'd/a': Buffer.from('x') },
    ],
    [
      'names that differ in case',
      makeZip([
        { name: 'a', content: 'x' },
        { name: 'A', content: 'y' },
      ]),
      { a: Buffer.from('x'), A: Buffer.from('y') },
    ],
    ['nothing', makeZip([]), {}],
  ]
  for (const [what, archive, wanted] of cases) {
    const place = await placeFor(t, archive)
    const { files } = await unpack(place)
    const found = files.map((name) => [name, readFileSync(path.join(place.folder, name))] as const)
    assert.deepEqual(Object.fromEntries(found), wanted, what)
  }
})

test('10,000 entries are no difficulty', async (t) => {
  const entries = Array.from({ length: 10_000 }, (_, index) => ({
    name: `d${index % 100}/f${index}`,
    content: String(index),
  }))
  const place = await placeFor(t, makeZip(entries))
  assert.equal((await inspect(place)).entries, 10_000)
  assert.equal((await unpack(place)).files.length, 10_000)
  assert.equal(readFileSync(path.join(place.folder, 'd99/f9999'), 'utf8'), '9999')
})

test('progress ends with the whole', async (t) => {
  const seen: (readonly [number, number])[] = []
  const entries = [{ name: 'a', content: randomBytes(300_000) }, { name: 'b', content: 'x' }, { name: 'c' }]
  await unpacked(t, makeZip(entries), { progress: (bytes, total) => seen.push([bytes, total]) })
  assert.deepEqual(seen.at(-1), [300_001, 300_001])
  assert.ok(seen.length > 1 && seen.length <= 101, `${seen.length}`)
})

test('a folder that is there is left alone', async (t) => {
  const place = await placeFor(t, makeZip([{ name: 'a', content: 'x' }]))
  mkdirSync(place.folder)
  writeFileSync(path.join(place.folder, 'mine'), '')
  await assert.rejects(unpack(place), { kind: 'refused', message: /is there already/ })
  assert.deepEqual(readdirSync(place.folder), ['mine'])
})

test('an abort ends it with its reason, and nothing is left', async (t) => {
  const entries = Array.from({ length: 50 }, (_, index) => ({
    name: `f${index}`,
    content: randomBytes(100_000),
  }))
  const place = await placeFor(t, makeZip(entries))
  const controller = new AbortController()
  const reason = new Error('stopped')
  const progress = (bytes: number): void => {
    if (bytes > 1_000_000) controller.abort(reason)
  }
  await assert.rejects(unpack({ ...place, signal: controller.signal, progress }), reason)
  assert.equal(existsSync(place.folder), false)
  await assert.rejects(unpack({ ...place, signal: controller.signal }), reason)
  await assert.rejects(inspect({ ...place, signal: controller.signal }), reason)
})

test('a look at an archive, and at one file in it', async (t) => {
  const info = JSON.stringify({ version: 'v1' })
  const place = await placeFor(
    t,
    makeZip([
      { name: 'release_info.json', content: info },
      { name: 'large', content: randomBytes(1_100_000) },
      { name: 'd/', mode: 0o040755 },
    ]),
  )
  const found = await inspect({ ...place, read: 'release_info.json' })
  assert.deepEqual([found.entries, found.bytes], [3, info.length + 1_100_000])
  assert.equal(found.content?.toString(), info)
  assert.equal((await inspect({ ...place, read: 'none' })).content, null)
  assert.equal((await inspect({ ...place, read: 'd' })).content, null)
  await assert.rejects(inspect({ ...place, read: 'large' }), {
    kind: 'bad_archive',
    message: /more than 1048576/,
  })
  assert.equal(existsSync(place.folder), false)
})

const name = fc
  .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
  .filter(
    (text) =>
      !/[\u0000-\u001f\u007f\\/\ufffd]|^\.{1,2}$|^[A-Za-z]:/.test(text) &&
      Buffer.from(text).toString() === text,
  )
const files = fc.uniqueArray(
  fc.record({
    name,
    content: fc.uint8Array({ maxLength: 3000 }),
    stored: fc.boolean(),
    descriptor: fc.boolean(),
    mode: fc.integer({ min: 1, max: 0o777 }),
  }),
  { maxLength: 8, selector: (each) => each.name.normalize('NFC') },
)

test('what is packed is what is unpacked', async (t) => {
  await fc.assert(
    fc.asyncProperty(files, async (wanted) => {
      const entries = wanted.map((each) => ({
        ...each,
        content: Buffer.from(each.content),
        method: each.stored ? 0 : 8,
        mode: 0o100000 | each.mode,
      }))
      const { found } = await unpacked(t, makeZip(entries))
      const expected = wanted.map((each) => [
        each.name,
        `file ${each.mode.toString(8)} ${Buffer.from(each.content).toString('base64')}`,
      ])
      assert.deepEqual(found, Object.fromEntries(expected))
    }),
    { numRuns: 60 },
  )
})

test('one changed byte anywhere never yields other content, nor anything outside', async (t) => {
  const content = Buffer.from('some content that is packed, some content that is packed')
  const archive = makeZip([
    { name: 'a', content, mode: 0o100644 },
    { name: 'd/b', content, method: 0, mode: 0o100644 },
    { name: 'l', content: 'a', method: 0, mode: 0o120777 },
  ])
  for (let index = 0; index < archive.length; index += 1) {
    const changed = Buffer.from(archive)
    changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8))
    const place = await placeFor(t, changed)
    const outcome = await unpack(place).catch((thrown: unknown) => thrown)
    if (outcome instanceof Error) {
      assert.equal((outcome as { kind?: string }).kind, 'bad_archive', `${index}: ${outcome.stack}`)
      assert.deepEqual(readdirSync(path.dirname(place.folder)), ['app.zip'])
      continue
    }
    const contents = Object.values(snapshot(place.folder)).filter((each) => each.startsWith('file'))
    for (const each of contents)
      assert.ok(
        [content, Buffer.from('a')].some((one) => each.endsWith(` ${one.toString('base64')}`)),
        `${index}: ${each}`,
      )
  }
})

/** As the daemon does it. */
const memoryScript = (modules: string): string => `
import { unpack } from '${modules}/releases/archive.js'
import { keepYoungSpaceSmall } from '${modules}/system/garbage.js'
const [archive, folder] = process.argv.slice(1)
keepYoungSpaceSmall()
const idle = process.memoryUsage.rss()
let peak = idle
const look = () => (peak = Math.max(peak, process.memoryUsage.rss()))
setInterval(look, 5).unref()
await unpack({ archive, folder })
look()
console.log(peak - idle)
`

/** @returns bytes above what was resident before */
const memoryToUnpack = async (place: UnpackRequest): Promise<number> => {
  const modules = new URL('../../src', import.meta.url).href
  const args = ['--input-type=module', '-e', memoryScript(modules), place.archive, place.folder]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const out: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  const [code] = (await once(child, 'close')) as [number]
  assert.equal(code, 0)
  return Number(Buffer.concat(out).toString())
}

const half = Buffer.concat([randomBytes(1_000_000), Buffer.alloc(1_000_000, 'half of it is easy to pack ')])
const many: Readonly<Record<string, { readonly count: number; readonly content: Buffer }>> = {
  '100 MB': { count: 50, content: half },
  '10,000 small files': { count: 10_000, content: Buffer.from('a short text\n'.repeat(10)) },
}

for (const [what, { count, content }] of Object.entries(many)) {
  test(`${what} take less than 16 MB of memory`, async (t) => {
    const named = (index: number): string => `assets/folder${index % 50}/some-file-name-${index}.js`
    const entries = Array.from({ length: count }, (_, index) => ({ name: named(index), content }))
    const place = await placeFor(t, makeZip(entries))
    const grown = await memoryToUnpack(place)
    assert.equal(readdirSync(path.join(place.folder, 'assets')).length, 50)
    assert.ok(grown < 16 * 1024 * 1024, `${grown} bytes`)
  })
}
