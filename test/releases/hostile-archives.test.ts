import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { inspect, unpack, type ArchiveLimits } from '../../src/releases/archive.js'
import { temporaryFolder } from '../support/folder.js'
import { snapshot } from '../support/snapshot.js'
import { localRecord, makeZip, unicodePath, type ZipEntry } from '../support/zip.js'

interface Hostile {
  readonly what: string
  readonly archive: Buffer
  readonly message: RegExp
  readonly limits?: Partial<ArchiveLimits>
  /** Only seen when its content is unpacked. */
  readonly late?: boolean
}

const file = (name: string | Buffer, more: Partial<ZipEntry> = {}): ZipEntry => ({
  name,
  content: 'content',
  mode: 0o100644,
  ...more,
})
const link = (name: string, target: string, more: Partial<ZipEntry> = {}): ZipEntry => ({
  name,
  content: target,
  method: 0,
  mode: 0o120777,
  ...more,
})
const folder = (name: string): ZipEntry => ({ name, mode: 0o040755 })
const good = file('index.html')

const of = (
  what: string,
  entries: readonly ZipEntry[],
  message: RegExp,
  more: Partial<Hostile> = {},
): Hostile => ({ what, archive: makeZip([good, ...entries]), message, ...more })

const quoted = file('inner', { method: 0 })
const stored = localRecord(file('outer', { method: 0, content: '' })).length
const whole = makeZip([good, file('other')])
const noise = randomBytes(200_000)

const names: readonly Hostile[] = [
  of('an absolute path', [file('/etc/passwd')], /absolute path/),
  of('a path up', [file('../outside')], /leads out/),
  of('a path up in the middle', [file('a/../../outside')], /leads out/),
  of('a path up at the end', [file('a/..')], /leads out/),
  of('a folder up', [folder('../')], /leads out/),
  of('a backslash', [file('a\\b')], /backslash/),
  of('a path up with backslashes', [file('..\\..\\outside')], /backslash/),
  of('a drive letter', [file('C:/windows')], /drive letter/),
  of('a drive letter without a slash', [file('c:x')], /drive letter/),
  of('NUL in a name', [file('a\0b')], /control characters/),
  of('a line feed in a name', [file('a\nb')], /control characters/),
  of('no name', [file('')], /without a name/),
  of('a name of 256 bytes', [file('x'.repeat(256))], /too long/),
  of('a name of 256 bytes in 128 characters', [file('é'.repeat(128))], /too long/),
  of('65 folders in each other', [file(`${'d/'.repeat(64)}x`)], /too long/),
  of(
    'a path of 2049 bytes',
    [file(`${'0123456/'.repeat(20)}${`${'y'.repeat(200)}/`.repeat(10)}x`)],
    /too long/,
  ),
  of('a name that is no UTF-8', [file(Buffer.from([0x61, 0xff, 0x62]))], /no UTF-8/),
  of('an overlong slash', [file(Buffer.from([0x2e, 0x2e, 0xc0, 0xaf, 0x61]))], /no UTF-8/),
  of(
    'a Unicode path up behind a good name',
    [file('good', { extra: unicodePath('good', Buffer.from('../bad')) })],
    /leads out/,
  ),
  of(
    'a Unicode path that is none',
    [file('good', { extra: unicodePath('good', Buffer.from([0xff])) })],
    /no UTF-8/,
  ),
]

const places: readonly Hostile[] = [
  of('a file twice', [good], /twice/),
  of('a file twice by way of a dot', [file('./index.html')], /twice/),
  of('a file twice in two spellings', [file('caf\u00e9'), file('cafe\u0301')], /twice/),
  of('a folder twice', [folder('a/'), folder('a/')], /twice/),
  of('a folder in two spellings', [file('\u00e9/a'), file('e\u0301/b')], /two spellings/),
  of('a file that is a folder too', [file('a'), file('a/b')], /below what is a file/),
  of('a folder that is a file too', [file('a/b'), file('a')], /as a folder too/),
  of('a folder by name, a file by mode', [{ name: 'a/', mode: 0o100644 }], /folder and none/),
  of('a file by name, a folder by mode', [{ name: 'a', mode: 0o040755 }], /folder and none/),
  of('a folder with content', [file('a/', { mode: 0o040755 })], /has content/),
  of('a character device', [file('null', { mode: 0o020666 })], /device/),
  of('a block device', [file('disk', { mode: 0o060666 })], /device/),
  of('a pipe', [file('pipe', { mode: 0o010666 })], /device/),
  of('a socket', [file('socket', { mode: 0o140777 })], /device/),
]

const links: readonly Hostile[] = [
  of('a link to an absolute path', [link('a', '/etc/passwd')], /leads out/),
  of('a link up', [link('a', '../outside')], /leads out/),
  of('a link up from a folder', [link('d/a', '../../outside')], /leads out/),
  of(
    'a link out through another one',
    [link('d/e/up', '..'), link('a', 'd/e/up/../../outside')],
    /leads out/,
  ),
  of('links that help each other out', [link('a/b', '.'), link('c', 'a/b/../..')], /leads out/),
  of('a link over what is not there', [link('a', 'none/../../x')], /no folder/),
  of('a link over a file', [link('a', 'index.html/../x')], /no folder/),
  of('links in a circle', [link('a', 'b'), link('b', 'a')], /circle/),
  of('a link to itself', [link('a', 'a/x')], /circle/),
  of('a file through a link', [link('a', 'd'), folder('d/'), file('a/x')], /through a link/),
  of('a file where a link is', [link('a', 'index.html'), file('a')], /twice/),
  of('a link where a file is', [link('index.html', 'x')], /twice/),
  of('an empty link', [link('a', '')], /nowhere/),
  of('a link of 4096 bytes', [link('a', 'x/'.repeat(2048))], /nowhere/),
  of('a link with NUL', [link('a', 'x\0y')], /leads out/),
  of('a damaged link', [link('a', 'index.html', { crc: 1 })], /checksum/),
]

const contents: readonly Hostile[] = [
  of('a wrong checksum', [file('a', { crc: 1 })], /checksum/, { late: true }),
  of('a wrong checksum of a stored file', [file('a', { method: 0, crc: 1 })], /checksum/, { late: true }),
  of('a wrong checksum of an empty file', [file('a', { content: '', crc: 1 })], /checksum/, { late: true }),
  of('a wrong checksum of a large file', [file('a', { content: noise, crc: 1 })], /checksum/, { late: true }),
  of('more than it says', [file('a', { size: 3 })], /larger than it says/, { late: true }),
  of('more than it says in a large file', [file('a', { content: noise, size: 100_000 })], /larger/, {
    late: true,
  }),
  of('nothing said of what is there', [file('a', { size: 0, crc: 0 })], /larger/, { late: true }),
  of('less than it says', [file('a', { size: 30 })], /smaller than it says/, { late: true }),
  of('less than it says in a large file', [file('a', { content: noise, size: 300_000 })], /smaller/, {
    late: true,
  }),
  of('sizes of a stored file that differ', [file('a', { method: 0, size: 3 })], /mismatch|size/),
  of('packed content that is none', [file('a', { packed: Buffer.alloc(20, 0xff) })], /damaged/, {
    late: true,
  }),
  of(
    'packed content of a large file that is none',
    [file('a', { content: noise, packed: Buffer.alloc(noise.length, 0xff) })],
    /damaged/,
    { late: true },
  ),
  of(
    'packed content that is cut',
    [file('a', { content: noise, packed: deflateRawSync(noise).subarray(0, 100_000) })],
    /damaged|smaller/,
    { late: true },
  ),
  of(
    'something after the packed content',
    [file('a', { packed: Buffer.concat([deflateRawSync(Buffer.from('content')), Buffer.alloc(50)]) })],
    /size/,
    { late: true },
  ),
  of(
    'something after the packed content of a large file',
    [file('a', { content: noise, packed: Buffer.concat([deflateRawSync(noise), Buffer.alloc(100_000)]) })],
    /size/,
    { late: true },
  ),
  of('an encrypted file', [file('a', { flags: 0x801 })], /encrypted/),
  of('a strongly encrypted file', [file('a', { flags: 0x841 })], /encrypt/),
  of('a hidden header', [file('a', { flags: 0x2800 })], /encrypted/),
  of('bzip2', [file('a', { method: 12, packed: Buffer.alloc(9) })], /not known \(12\)/),
  of('zstd', [file('a', { method: 93, packed: Buffer.alloc(9) })], /not known \(93\)/),
  of('a bomb by ratio', [file('a', { content: Buffer.alloc(40_000_000) })], /100 times/),
  of('more than is allowed in all', [file('a'), file('b')], /more than the 20 bytes/, {
    limits: { size: 20 },
  }),
  of('a size near 2^32', [file('a', { size: 0xfffffffe })], /bytes that are allowed/),
  of('more entries than are allowed', [file('a'), file('b')], /more than 2 entries/, {
    limits: { entries: 2 },
  }),
  {
    what: '100,001 entries',
    archive: makeZip([good], { zip64: true, count: 100_001 }),
    message: /more than 100000/,
  },
]

const structures: readonly Hostile[] = [
  of('another name before the content', [file('a', { local: { name: 'b' } })], /two things of the name/),
  of('another method before the content', [file('a', { local: { method: 0 } })], /of the compression/),
  of('another checksum before the content', [file('a', { local: { crc: 1 } })], /of the checksum/),
  of('another size before the content', [file('a', { local: { size: 1 } })], /of the size/),
  of('encryption before the content only', [file('a', { local: { flags: 0x801 } })], /encrypt/),
  of(
    'an entry within another one',
    [
      file('outer', { method: 0, content: localRecord(quoted) }),
      { ...quoted, at: localRecord(good).length + stored },
    ],
    /shares its place/,
  ),
  of('one content for two entries', [{ ...good, at: 0 }], /shares its place/),
  of('content that reaches into the list', [file('a', { compressedSize: 60 })], /into the list|size/),
  of('content beyond the end', [file('a', { compressedSize: 60_000 })], /bounds|size/),
  of('a header that is none', [file('a', { at: 3 })], /cannot be read/),
  of('a header beyond the end', [file('a', { at: 1_000_000 })], /cannot be read/),
  {
    what: 'fewer entries than there are',
    archive: makeZip([good, file('a')], { count: 1 }),
    message: /more in its list/,
  },
  { what: 'more entries than there are', archive: makeZip([good], { count: 2 }), message: /cannot be read/ },
  {
    what: 'a list beyond the end',
    archive: makeZip([good], { listStart: 1_000_000 }),
    message: /cannot be read/,
  },
  { what: 'a list that is none', archive: makeZip([good], { listStart: 5 }), message: /cannot be read/ },
  { what: 'several disks', archive: makeZip([good], { disk: 1 }), message: /cannot be read/ },
  {
    what: 'garbage before it',
    archive: Buffer.concat([Buffer.alloc(100), whole]),
    message: /cannot be read/,
  },
  { what: 'garbage after it', archive: Buffer.concat([whole, Buffer.alloc(100)]), message: /cannot be read/ },
  { what: 'its end cut off', archive: whole.subarray(0, -30), message: /cannot be read/ },
  { what: 'its beginning cut off', archive: whole.subarray(20), message: /cannot be read/ },
  { what: 'half of it', archive: whole.subarray(0, whole.length / 2), message: /cannot be read/ },
  { what: 'an empty file', archive: Buffer.alloc(0), message: /cannot be read/ },
  { what: 'a web page', archive: Buffer.from('<html>Not Found</html>'), message: /cannot be read/ },
  { what: 'a tar.gz', archive: Buffer.from('1f8b0800000000000003', 'hex'), message: /cannot be read/ },
]

for (const hostile of [...names, ...places, ...links, ...contents, ...structures])
  test(`refused whole: ${hostile.what}`, async (t) => {
    const base = await temporaryFolder(t)
    mkdirSync(path.join(base, 'app'))
    writeFileSync(path.join(base, 'app/index.html'), 'the old version')
    writeFileSync(path.join(base, 'outside'), 'not yours')
    const archive = path.join(base, 'app.zip')
    writeFileSync(archive, hostile.archive)
    const before = snapshot(base)
    const limits = hostile.limits ?? {}
    const request = { archive, folder: path.join(base, 'new'), limits }
    await assert.rejects(unpack(request), { kind: 'bad_archive', message: hostile.message })
    if (hostile.late === true) await inspect({ archive, limits })
    else await assert.rejects(inspect({ archive, limits }), { kind: 'bad_archive' })
    assert.deepEqual(snapshot(base), before)
  })
