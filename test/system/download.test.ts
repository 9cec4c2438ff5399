import assert from 'node:assert/strict'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { createDownloads, type DownloadRequest, type Downloads } from '../../src/system/download.js'
import { systemFiles, type Files } from '../../src/system/files.js'
import { systemHttp } from '../../src/system/http.js'
import { temporaryFolder } from '../support/folder.js'
import { quickClock } from '../support/quick-clock.js'
import { serveFile, serveWeb, type FileServer, type FileServerOptions } from '../support/web-server.js'

const digest = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
const content = randomBytes(300_000)

interface Bench {
  readonly target: string
  readonly server: FileServer
  readonly downloads: Downloads
  readonly waits: readonly number[]
  fetch(request?: Partial<DownloadRequest>): Promise<Buffer>
  names(): readonly string[]
}

const bench = async (
  t: TestContext,
  options: Partial<FileServerOptions> = {},
  files: Files = systemFiles,
): Promise<Bench> => {
  const folder = await temporaryFolder(t)
  const target = path.join(folder, 'app.zip')
  const received = (): number => statSync(`${target}.part`, { throwIfNoEntry: false })?.size ?? 0
  const server = await serveFile(t, { content: () => content, received, ...options })
  const clock = quickClock()
  const downloads = createDownloads({ http: systemHttp, files, clock })
  return {
    target,
    server,
    downloads,
    waits: clock.waits,
    names: () => readdirSync(folder).sort(),
    async fetch(request) {
      await downloads.fetch({ url: server.url, target, ...request })
      return readFileSync(target)
    },
  }
}

const onlyOnce =
  (fault: NonNullable<ReturnType<NonNullable<FileServerOptions['fault']>>>) => (request: number) =>
    request === 0 ? fault : null

test('a file comes whole, replaces what is there, and nothing is left beside it', async (t) => {
  const here = await bench(t)
  writeFileSync(here.target, 'the old one')
  const done = await here.downloads.fetch({
    url: here.server.url,
    target: here.target,
    size: content.length,
    sha256: digest(content).toUpperCase(),
  })
  assert.deepEqual(done, { bytes: content.length, sha256: digest(content) })
  assert.ok(readFileSync(here.target).equals(content))
  assert.deepEqual(here.names(), ['app.zip'])
})

test('progress only grows, and ends with the whole', async (t) => {
  const here = await bench(t, { fault: onlyOnce({ kind: 'reset', after: 100_000 }) })
  const seen: (readonly [number, number | null])[] = []
  await here.fetch({ progress: (bytes, total) => seen.push([bytes, total]) })
  const bytes = seen.map(([each]) => each)
  assert.deepEqual(
    bytes,
    [...bytes].sort((a, b) => a - b),
  )
  assert.deepEqual(seen.at(-1), [content.length, content.length])
  // The clock only moves when it is waited for: once at the start, once after the pause, once at the end.
  assert.ok(seen.length <= 3, `${seen.length}`)
})

for (const kind of ['reset', 'end', 'stall'] as const)
  test(`a download that is cut (${kind}) goes on where it was`, async (t) => {
    const here = await bench(t, { fault: onlyOnce({ kind, after: 100_000 }) })
    const came = await here.fetch({ limits: { stall: 300 }, sha256: digest(content) })
    assert.ok(came.equals(content))
    assert.deepEqual(here.server.ranges, [null, 'bytes=100000-'])
    assert.deepEqual(here.server.ifRanges, [null, '"300000"'])
    assert.deepEqual(here.waits, [500])
  })

for (const ranges of ['ignored', 'wrong', 'refused', 'other-total', 'other-version'] as const)
  test(`a server that gets ranges wrong (${ranges}): it begins anew`, async (t) => {
    const here = await bench(t, { ranges, fault: onlyOnce({ kind: 'reset', after: 100_000 }) })
    assert.ok((await here.fetch()).equals(content))
    const again = ranges === 'ignored' ? [] : [null]
    assert.deepEqual(here.server.ranges, [null, 'bytes=100000-', ...again])
  })

test('a file that changed in between is fetched anew', async (t) => {
  const other = randomBytes(200_000)
  let requests = 0
  const here = await bench(t, {
    content: () => (requests++ === 0 ? content : other),
    fault: onlyOnce({ kind: 'reset', after: 100_000 }),
  })
  assert.ok((await here.fetch()).equals(other))
})

test('without a strong validator the date proves it; with neither nothing is put together', async (t) => {
  const date = 'Tue, 01 Jul 2025 10:00:00 GMT'
  const cases = [
    [{ etag: 'W/"weak"', 'last-modified': date }, 'bytes=100000-', date],
    [{ etag: 'W/"weak"' }, null, null],
    [{}, null, null],
  ] as const
  for (const [validator, range, ifRange] of cases) {
    const fault = onlyOnce({ kind: 'reset', after: 100_000 })
    const here = await bench(t, { validator: () => validator, fault })
    assert.ok((await here.fetch()).equals(content))
    assert.deepEqual([here.server.ranges[1], here.server.ifRanges[1]], [range, ifRange])
  }
})

test('tries that bring nothing new end in an error that says so; a later call goes on', async (t) => {
  let broken = true
  const here = await bench(t, {
    fault: (request) => (broken ? { kind: 'reset', after: request === 0 ? 100_000 : 0 } : null),
  })
  await assert.rejects(here.fetch({ limits: { attempts: 3 } }), {
    kind: 'remote_failed',
    message: /cut after 100000 bytes \(ECONNRESET\)/,
  })
  assert.deepEqual(here.waits, [500, 500, 1000])
  assert.deepEqual(here.names(), ['app.zip.part', 'app.zip.part.json'])
  broken = false
  assert.ok((await here.fetch({ sha256: digest(content) })).equals(content))
  assert.equal(here.server.ranges.at(-1), 'bytes=100000-')
  assert.deepEqual(here.names(), ['app.zip'])
})

test('what was not surely on the disk is asked for again', async (t) => {
  const here = await bench(t)
  const note = { url: here.server.url, ifRange: '"300000"', total: 300_000, bytes: 5_000 }
  writeFileSync(`${here.target}.part`, Buffer.concat([content.subarray(0, 5_000), Buffer.alloc(900_000)]))
  writeFileSync(`${here.target}.part.json`, JSON.stringify(note))
  assert.ok((await here.fetch()).equals(content))
  assert.deepEqual(here.server.ranges, ['bytes=5000-'])
})

test('a part of another address, a part without a note and a broken note are not used', async (t) => {
  const note = { ifRange: '"300000"', total: 300_000, bytes: 5_000 }
  for (const text of [JSON.stringify({ ...note, url: 'http://127.0.0.1/' }), '{"url', '[]', '7', null]) {
    const here = await bench(t)
    writeFileSync(`${here.target}.part`, Buffer.alloc(5_000))
    if (text !== null) writeFileSync(`${here.target}.part.json`, text)
    assert.ok((await here.fetch()).equals(content))
    assert.deepEqual(here.server.ranges, [null])
  }
})

test('a part that is whole already only needs its name', async (t) => {
  const here = await bench(t)
  const note = { url: here.server.url, ifRange: '"300000"', total: 300_000, bytes: 300_000 }
  writeFileSync(`${here.target}.part`, content)
  writeFileSync(`${here.target}.part.json`, JSON.stringify(note))
  assert.ok((await here.fetch({ sha256: digest(content) })).equals(content))
  assert.deepEqual(here.server.ranges, [])
})

test('what is not what was published is thrown away, and what was there stays', async (t) => {
  const cases: (readonly [Partial<FileServerOptions>, Partial<DownloadRequest>, RegExp])[] = [
    [
      { fault: () => ({ kind: 'corrupt', at: 7 }) },
      { sha256: digest(content) },
      /SHA-256 [0-9a-f]{64} instead/,
    ],
    [{}, { size: 299_999 }, /300000 bytes instead of 299999/],
    [{}, { size: 300_001 }, /300000 bytes instead of 300001/],
    [{ length: false }, { size: 299_999 }, /more than 299999 bytes/],
  ]
  for (const [options, request, message] of cases) {
    const here = await bench(t, options)
    writeFileSync(here.target, 'the old one')
    await assert.rejects(here.fetch(request), { kind: 'digest_mismatch', message })
    assert.deepEqual(here.names(), ['app.zip'])
    assert.equal(readFileSync(here.target, 'utf8'), 'the old one')
  }
})

test('more than is allowed is refused, whether it is announced or not', async (t) => {
  for (const length of [true, false]) {
    const here = await bench(t, { length })
    await assert.rejects(here.fetch({ limits: { maxSize: 200_000 } }), { kind: 'refused', message: /200000/ })
    assert.deepEqual(here.names(), [])
  }
})

test('a server that is out for a moment is asked again, one that says no is not', async (t) => {
  const here = await bench(t, { fault: (n) => (n < 3 ? { kind: 'status', status: 500 + n } : null) })
  assert.ok((await here.fetch()).equals(content))
  assert.deepEqual(here.waits, [500, 1000, 2000])
  const gone = await bench(t, { fault: () => ({ kind: 'status', status: 404 }) })
  await assert.rejects(gone.fetch(), { kind: 'remote_failed', message: /answered 404/ })
  assert.deepEqual([gone.server.ranges.length, gone.names().length], [1, 0])
})

test('a server that is out for a moment does not cost what came', async (t) => {
  const here = await bench(t, {
    fault: (n) =>
      n === 0 ? { kind: 'reset', after: 100_000 } : n === 1 ? { kind: 'status', status: 503 } : null,
  })
  assert.ok((await here.fetch()).equals(content))
  assert.deepEqual(here.server.ranges, [null, 'bytes=100000-', 'bytes=100000-'])
})

test('a body that is packed once more is not taken', async (t) => {
  const validator = { 'content-encoding': 'gzip' }
  const here = await bench(t, { validator: () => validator })
  await assert.rejects(here.fetch(), { kind: 'remote_failed', message: /gzip/ })
})

test('redirects go on to the file, but neither to http elsewhere nor in circles', async (t) => {
  const here = await bench(t)
  const base = await serveWeb(t, (request, response) => {
    const to = { '/good': here.server.url, '/away': 'http://example.invalid/x', '/circle': '/circle' }
    response.writeHead(302, { location: to[request.url as keyof typeof to] }).end()
  })
  assert.ok((await here.fetch({ url: `${base}/good` })).equals(content))
  for (const [name, message] of [
    ['away', /http:\/\/example\.invalid, which is not followed/],
    ['circle', /more than 5 times/],
  ] as const)
    await assert.rejects(here.fetch({ url: `${base}/${name}` }), { kind: 'refused', message })
})

test('a server that drips runs into the limit for everything, and what came is kept', async (t) => {
  const here = await bench(t, { fault: () => ({ kind: 'slow' }) })
  await assert.rejects(here.fetch({ limits: { total: 2000 } }), {
    kind: 'remote_failed',
    message: /too long/,
  })
  assert.ok(statSync(`${here.target}.part`).size > 0)
})

test('an abort ends it with its reason, and what came is kept', async (t) => {
  const here = await bench(t, { fault: onlyOnce({ kind: 'stall', after: 100_000 }) })
  const controller = new AbortController()
  const reason = new Error('stopped')
  const running = here.fetch({
    signal: controller.signal,
    progress: (bytes) => bytes > 0 && setImmediate(() => controller.abort(reason)),
  })
  await assert.rejects(running, reason)
  assert.deepEqual(here.names(), ['app.zip.part', 'app.zip.part.json'])
  await assert.rejects(here.fetch({ signal: controller.signal }), reason)
  await here.downloads.discard(here.target)
  assert.deepEqual(here.names(), [])
})

test('a full and a read-only disk end in clear errors, and a full one is not kept full', async (t) => {
  for (const [code, kind] of [
    ['ENOSPC', 'no_space'],
    ['EROFS', 'command_failed'],
  ] as const) {
    const refuse = async (file: string): Promise<never> => {
      throw Object.assign(new Error(code), { code, path: file })
    }
    const here = await bench(t, {}, { ...systemFiles, writeText: refuse })
    await assert.rejects(here.fetch(), { kind, message: new RegExp(code) })
    assert.deepEqual(here.names(), [])
  }
})

/** Fetches in a process of its own, and prints how far its memory went above idle. */
const memoryScript = (modules: string): string => `
import { createDownloads } from '${modules}/download.js'
import { systemHttp } from '${modules}/http.js'
import { systemFiles } from '${modules}/files.js'
import { systemClock } from '${modules}/clock.js'
const [url, target] = process.argv.slice(1)
const idle = process.memoryUsage.rss()
let peak = idle
const look = () => (peak = Math.max(peak, process.memoryUsage.rss()))
setInterval(look, 5).unref()
await createDownloads({ http: systemHttp, files: systemFiles, clock: systemClock }).fetch({ url, target })
look()
console.log(peak - idle)
`

const runAlone = (url: string, target: string): ChildProcessByStdio<null, Readable, null> => {
  const modules = new URL('../../src/system', import.meta.url).href
  return spawn(process.execPath, ['--input-type=module', '-e', memoryScript(modules), url, target], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

test('what a killed process had on the disk is not fetched again', async (t) => {
  const large = randomBytes(20 * 1024 * 1024)
  const fault = { kind: 'stall', after: 17 * 1024 * 1024 } as const
  const here = await bench(t, { content: () => large, fault: onlyOnce(fault) })
  const child = runAlone(here.server.url, here.target)
  const closed = once(child, 'close')
  const noted = (): number => {
    const text = existsSync(`${here.target}.part.json`)
      ? readFileSync(`${here.target}.part.json`, 'utf8')
      : '{}'
    return (JSON.parse(text) as { bytes?: number }).bytes ?? 0
  }
  while (noted() < 16 * 1024 * 1024 && child.exitCode === null) await setTimeout(10)
  child.kill('SIGKILL')
  await closed
  const kept = noted()
  assert.ok(kept >= 16 * 1024 * 1024)
  assert.ok((await here.fetch()).equals(large))
  assert.deepEqual(here.server.ranges, [null, `bytes=${kept}-`])
})

test('200 MB take less than 16 MB of memory', async (t) => {
  const size = 200 * 1024 * 1024
  const block = randomBytes(65_536)
  const send = async (response: ServerResponse): Promise<void> => {
    response.writeHead(200, { 'content-length': size })
    for (let sent = 0; sent < size; sent += block.length)
      if (!response.write(block)) await once(response, 'drain')
    response.end()
  }
  const url = await serveWeb(t, (_request, response) => void send(response))
  const target = path.join(await temporaryFolder(t), 'large')
  const child = runAlone(url, target)
  const out: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  const [code] = (await once(child, 'close')) as [number]
  assert.equal(code, 0)
  assert.equal(statSync(target).size, size)
  const grown = Number(Buffer.concat(out).toString())
  assert.ok(grown < 16 * 1024 * 1024, `${grown} bytes`)
})
