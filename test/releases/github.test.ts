import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { GitHubCache } from '../../src/releases/github-cache.js'
import { createGitHub, type GitHub, type GitHubSetup } from '../../src/releases/github.js'
import { systemFiles } from '../../src/system/files.js'
import { systemHttp } from '../../src/system/http.js'
import { temporaryFolder } from '../support/folder.js'
import { quickClock } from '../support/quick-clock.js'
import { silentLog } from '../support/surroundings.js'
import { serveWeb } from '../support/web-server.js'

type Respond = (request: IncomingMessage, response: ServerResponse, count: number) => void

interface Bench {
  readonly github: GitHub
  readonly url: string
  readonly folder: string
  readonly asked: readonly string[]
  readonly requests: readonly IncomingMessage[]
  readonly waits: readonly number[]
  again(overrides?: Partial<GitHubSetup>): GitHub
}

const bench = async (
  t: TestContext,
  respond: Respond,
  overrides: Partial<GitHubSetup> = {},
): Promise<Bench> => {
  const asked: string[] = []
  const requests: IncomingMessage[] = []
  const url = await serveWeb(t, (request, response) => {
    asked.push(request.url ?? '')
    requests.push(request)
    respond(request, response, requests.length)
  })
  const dataFolder = await temporaryFolder(t)
  const clock = quickClock()
  const setup = {
    http: systemHttp,
    files: systemFiles,
    clock,
    log: silentLog,
    dataFolder,
    env: { GITHUB_API_URL: `${url}/api/` },
    ...overrides,
  }
  const again = (more: Partial<GitHubSetup> = {}): GitHub => createGitHub({ ...setup, ...more })
  const folder = path.join(dataFolder, 'github-cache')
  return { github: again(), url, folder, asked, requests, waits: clock.waits, again }
}

const sha = 'ab'.repeat(32)

const wire = (tag: string, more: object = {}): object => ({
  tag_name: tag,
  name: `Release ${tag}`,
  draft: false,
  prerelease: false,
  published_at: '2025-07-01T10:00:00Z',
  assets: [
    {
      name: 'app.zip',
      browser_download_url: 'https://objects.example/app.zip',
      size: 1234,
      digest: `sha256:${sha}`,
    },
  ],
  ...more,
})

const send = (response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void =>
  void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

test('the latest release of the stable channel, with all that is known of it', async (t) => {
  const here = await bench(t, (_request, response) => send(response, wire('v1.2.3')))
  assert.deepEqual(await here.github.latest('owner', 'app.js', 'stable'), {
    tag: 'v1.2.3',
    name: 'Release v1.2.3',
    prerelease: false,
    draft: false,
    published: Date.UTC(2025, 6, 1, 10),
    notes: '',
    assets: [{ name: 'app.zip', url: 'https://objects.example/app.zip', size: 1234, sha256: sha }],
  })
  assert.deepEqual(here.asked, ['/api/repos/owner/app.js/releases/latest'])
})

test('beta is the newest of all but drafts; stable without a "latest" the newest that is no pre-release', async (t) => {
  const list = [
    wire('v3', { draft: true }),
    wire('v2-beta', { prerelease: true }),
    wire('v1', { name: null }),
    wire('v0'),
  ]
  const here = await bench(t, (request, response) => {
    if (request.url?.endsWith('/latest') === true) return void response.writeHead(404).end('{}')
    send(response, list)
  })
  assert.equal((await here.github.latest('o', 'r', 'beta'))?.tag, 'v2-beta')
  const stable = await here.github.latest('o', 'r', 'stable')
  assert.deepEqual([stable?.tag, stable?.name], ['v1', 'v1'])
  const all = await here.github.list('o', 'r', { limit: 5, page: 2 })
  assert.deepEqual(
    all.map(({ tag }) => tag),
    ['v2-beta', 'v1', 'v0'],
  )
  assert.equal(here.asked.at(-1), '/api/repos/o/r/releases?per_page=5&limit=5&page=2')
})

test('a forge that takes a pre-release for the latest is not believed', async (t) => {
  const here = await bench(t, (request, response) => {
    const beta = wire('v2', { prerelease: true })
    send(response, request.url?.endsWith('/latest') === true ? beta : [beta, wire('v1')])
  })
  assert.equal((await here.github.latest('o', 'r', 'stable'))?.tag, 'v1')
})

test('by tag: encoded, found or null, and never another one', async (t) => {
  const here = await bench(t, (request, response) => {
    if (request.url?.endsWith('/gone') === true) return void response.writeHead(404).end()
    send(response, wire('app/v1+2'))
  })
  assert.equal((await here.github.byTag('o', 'r', 'app/v1+2'))?.tag, 'app/v1+2')
  assert.equal(here.asked[0], '/api/repos/o/r/releases/tags/app%2Fv1%2B2')
  assert.equal(await here.github.byTag('o', 'r', 'gone'), null)
  await assert.rejects(here.github.byTag('o', 'r', 'v9'), {
    kind: 'remote_failed',
    message: /of another tag/,
  })
})

test('names that are none never become an address', async (t) => {
  const here = await bench(t, (_request, response) => send(response, wire('v1')))
  const bad = { kind: 'bad_argument' }
  for (const [owner, repo] of [
    ['..', 'r'],
    ['o/p', 'r'],
    ['', 'r'],
    ['-o', 'r'],
    ['o', '..'],
    ['o', '.'],
    ['o', 'r?x'],
    ['o', 'r%2f'],
    ['o', ''],
    ['o', 'r\n'],
    ['o', 'a'.repeat(101)],
  ] as const)
    await assert.rejects(here.github.latest(owner, repo, 'stable'), bad, `${owner}/${repo}`)
  for (const tag of [
    '',
    '../x',
    'a..b',
    '-v',
    '/v',
    'v/',
    'a b',
    'a?b',
    'a\0b',
    'a\nb',
    'a\\b',
    'v.lock',
    'x'.repeat(256),
  ])
    await assert.rejects(here.github.byTag('o', 'r', tag), bad, tag)
  for (const options of [{ limit: 0 }, { limit: 101 }, { limit: 1.5 }, { page: 0 }])
    await assert.rejects(here.github.list('o', 'r', options), bad)
  assert.deepEqual(here.asked, [])
})

test('an unchanged release is asked for with its ETag, and comes from the disk, after a restart too', async (t) => {
  const here = await bench(t, (request, response) => {
    if (request.headers['if-none-match'] === 'W/"one"') return void response.writeHead(304).end()
    send(response, wire('v1', { body: 'what is new', unused: 'a long text' }), { etag: 'W/"one"' })
  })
  const first = await here.github.latest('o', 'r', 'stable')
  assert.equal(first?.notes, 'what is new')
  assert.deepEqual(await here.github.latest('o', 'r', 'stable'), first)
  assert.deepEqual(await here.again().latest('o', 'r', 'stable'), first)
  const conditions = here.requests.map(({ headers }) => headers['if-none-match'])
  assert.deepEqual(conditions, [undefined, 'W/"one"', 'W/"one"'])
  const [name = ''] = readdirSync(here.folder)
  assert.doesNotMatch(readFileSync(path.join(here.folder, name), 'utf8'), /a long text/)
})

test('the longest list there is, with the longest notes, comes from the disk', async (t) => {
  const body = 'x'.repeat(50_000)
  const list = Array.from({ length: 100 }, (_, index) => wire(`v${100 - index}`, { body }))
  const here = await bench(t, (request, response) => {
    if (request.headers['if-none-match'] === '"one"') return void response.writeHead(304).end()
    send(response, list, { etag: '"one"' })
  })
  const first = await here.github.list('o', 'r', { limit: 100 })
  assert.deepEqual(await here.github.list('o', 'r', { limit: 100 }), first)
  assert.deepEqual(
    here.requests.map(({ headers }) => headers['if-none-match']),
    [undefined, '"one"'],
  )
  assert.deepEqual(
    [0, 9, 10].map((index) => first[index]?.notes.length),
    [4000, 4000, 0],
  )
})

test('a damaged cache is as good as none', async (t) => {
  const here = await bench(t, (_request, response) => send(response, [wire('v1')], { etag: '"one"' }))
  await here.github.list('o', 'r')
  const [name = ''] = readdirSync(here.folder)
  const file = path.join(here.folder, name)
  const entry = JSON.parse(readFileSync(file, 'utf8')) as object
  for (const text of [
    '',
    '{"ur',
    'null',
    JSON.stringify({ ...entry, body: 7 }),
    JSON.stringify({ ...entry, url: 'x' }),
  ]) {
    writeFileSync(file, text)
    assert.equal((await here.github.list('o', 'r')).length, 1)
    assert.equal(here.requests.at(-1)?.headers['if-none-match'], undefined)
  }
})

test('a cache that cannot be written costs only requests', async (t) => {
  const writeText = async (): Promise<never> => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' })
  }
  const here = await bench(t, (_request, response) => send(response, wire('v1'), { etag: '"one"' }), {
    files: { ...systemFiles, writeText },
  })
  assert.equal((await here.github.latest('o', 'r', 'stable'))?.tag, 'v1')
})

test('the cache has bounds in number, in size and for one entry', async (t) => {
  const folder = await temporaryFolder(t)
  const limits = { entries: 3, entrySize: 500, size: 1000 }
  const cache = new GitHubCache(folder, systemFiles, silentLog, limits)
  for (const url of ['a', 'b', 'c', 'd', 'e']) await cache.put(url, { etag: '"1"', body: url })
  assert.equal(readdirSync(folder).length, 3)
  for (const url of ['f', 'g', 'h']) await cache.put(url, { etag: '"1"', body: 'x'.repeat(400) })
  assert.equal(readdirSync(folder).length, 2)
  await cache.put('h', { etag: '"1"', body: 'x'.repeat(600) })
  assert.equal(await cache.get('h'), null)
})

const limited = (reset: number, more: object = {}): Record<string, string> => ({
  date: new Date(1_600_000_000_000).toUTCString(),
  'x-ratelimit-limit': '60',
  'x-ratelimit-remaining': '0',
  'x-ratelimit-reset': String(reset),
  ...more,
})

test('the figures of the limit are those of the last answer that had some', async (t) => {
  const here = await bench(t, (_request, response, count) =>
    send(response, wire('v1'), count === 1 ? limited(1_600_003_600, { 'x-ratelimit-remaining': '41' }) : {}),
  )
  const names = ['github_rate_limit', 'github_requests_remaining', 'github_limit_reset_time']
  assert.deepEqual(here.github.limits(), Object.fromEntries(names.map((name) => [name, null])))
  for (let index = 0; index < 2; index += 1) {
    await here.github.latest('o', 'r', 'stable')
    assert.deepEqual(Object.values(here.github.limits()), [60, 41, 1_600_003_600])
  }
})

test('a limit that resets soon is waited for, by the clock of the server', async (t) => {
  // This machine's clock (quickClock) is years ahead of the server's.
  const here = await bench(t, (_request, response, count) =>
    count === 1 ? void response.writeHead(403, limited(1_600_000_010)).end('{}') : send(response, wire('v1')),
  )
  assert.equal((await here.github.latest('o', 'r', 'stable'))?.tag, 'v1')
  assert.deepEqual(here.waits, [11_000])
})

test('a limit that resets later is told with its time, and costs no more requests', async (t) => {
  const here = await bench(
    t,
    (_request, response) => void response.writeHead(403, limited(1_600_001_800)).end('{}'),
  )
  const error = {
    kind: 'rate_limited',
    message: /127\.0\.0\.1:\d+ allows no more requests for now\. Try again in 31 minutes \(12:56 UTC\)/,
  }
  await assert.rejects(here.github.latest('o', 'r', 'stable'), error)
  await assert.rejects(here.github.latest('o', 'r', 'stable'), error)
  assert.deepEqual([here.asked.length, here.waits.length], [1, 0])
})

test('too many requests for the moment (429, Retry-After) are waited for, but not forever', async (t) => {
  const here = await bench(
    t,
    (_request, response) => void response.writeHead(429, { 'retry-after': '7' }).end(),
  )
  await assert.rejects(here.github.latest('o', 'r', 'stable'), { kind: 'rate_limited' })
  assert.deepEqual(here.waits, [7000, 7000])
})

test('a wait for the limit can be aborted', async (t) => {
  const controller = new AbortController()
  const reason = new Error('stopped')
  let passed: AbortSignal | undefined
  const wait = async (_milliseconds: number, signal?: AbortSignal): Promise<void> => {
    passed = signal
    controller.abort(reason)
    signal?.throwIfAborted()
  }
  const here = await bench(
    t,
    (_request, response) => void response.writeHead(429, { 'retry-after': '7' }).end(),
    {
      clock: { ...quickClock(), wait },
    },
  )
  await assert.rejects(here.github.latest('o', 'r', 'stable', controller.signal), reason)
  assert.deepEqual([here.asked.length, passed], [1, controller.signal])
})

test('a token goes to the forge, and to no other host it redirects to', async (t) => {
  const seen: (string | undefined)[] = []
  const other = await serveWeb(t, (request, response) => {
    seen.push(request.headers.authorization)
    send(response, wire('v1'))
  })
  const here = await bench(
    t,
    (request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(301, { location: other }).end()
    },
    { token: 'secret' },
  )
  await here.github.latest('o', 'r', 'stable')
  assert.deepEqual(seen, ['Bearer secret', undefined])
})

test('a server that fails for a moment is asked again, one that keeps failing is told', async (t) => {
  const here = await bench(t, (request, response, count) => {
    if (count === 1) return void request.socket.resetAndDestroy()
    if (count === 2) return void response.writeHead(502).end()
    send(response, wire('v1'))
  })
  assert.equal((await here.github.latest('o', 'r', 'stable'))?.tag, 'v1')
  assert.deepEqual(here.waits, [500, 1000])
  const down = await bench(t, (_request, response) => void response.writeHead(503).end())
  await assert.rejects(down.github.latest('o', 'r', 'stable'), { kind: 'remote_failed', message: /503/ })
  assert.equal(down.asked.length, 3)
})

test('an answer that is cut is asked for again', async (t) => {
  const here = await bench(t, (_request, response, count) => {
    if (count > 1) return send(response, wire('v1'))
    response.writeHead(200, { 'content-length': '1000' }).write('{"tag_name"', () => response.socket?.end())
  })
  assert.equal((await here.github.latest('o', 'r', 'stable'))?.tag, 'v1')
})

test('what a server refuses is told in words', async (t) => {
  for (const [status, error] of [
    [401, { kind: 'refused', message: /token.*\[secrets\]/ }],
    [403, { kind: 'refused', message: /answered 403/ }],
    [404, { kind: 'remote_failed', message: /no repository o\/r/ }],
    [304, { kind: 'refused' }],
  ] as const) {
    const here = await bench(t, (_request, response) => void response.writeHead(status).end())
    await assert.rejects(here.github.latest('o', 'r', 'stable'), error, String(status))
  }
})

const asset = { name: 'a.zip', browser_download_url: 'https://h.example/a.zip', size: 1, digest: null }

test('answers of a wrong shape are told, not used', async (t) => {
  for (const [text, message] of [
    ['<html>', /no JSON/],
    ['', /no JSON/],
    ['[]', /no object/],
    ['null', /no object/],
    ['{}', /tag_name/],
    [JSON.stringify(wire('../v1')), /tag_name/],
    [JSON.stringify(wire('v1', { tag_name: 7 })), /tag_name/],
    [JSON.stringify(wire('v1', { name: {} })), /name/],
    [JSON.stringify(wire('v1', { prerelease: 'no' })), /prerelease/],
    [JSON.stringify(wire('v1', { assets: {} })), /assets/],
    [JSON.stringify(wire('v1', { assets: [7] })), /asset/],
    [JSON.stringify(wire('v1', { assets: [{ ...asset, size: -1 }] })), /size/],
    [JSON.stringify(wire('v1', { assets: [{ ...asset, digest: 'sha256:12' }] })), /digest/],
    [JSON.stringify(wire('v1', { assets: Array.from({ length: 1001 }, () => asset) })), /1000 assets/],
  ] as const) {
    const here = await bench(t, (_request, response) => void response.writeHead(200).end(text))
    await assert.rejects(here.github.latest('o', 'r', 'stable'), { kind: 'remote_failed', message }, text)
  }
})

test('an answer that never ends is not read to its end', async (t) => {
  const here = await bench(t, (_request, response) => {
    const block = ' '.repeat(65_536)
    const more = (): void => {
      while (!response.destroyed && response.write(block));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  })
  await assert.rejects(here.github.latest('o', 'r', 'stable'), {
    kind: 'refused',
    message: /more than 8388608/,
  })
})

test('a forge that says less, and things that must not be fetched', async (t) => {
  const assets = [
    { name: 'plain.zip', browser_download_url: 'https://h.example/plain.zip' },
    { ...asset, name: 'other-digest.zip', digest: 'sha512:abcd' },
    { ...asset, name: 'http.zip', browser_download_url: 'http://h.example/a.zip' },
    { ...asset, name: 'file.zip', browser_download_url: 'file:///etc/passwd' },
    { ...asset, name: '../../etc/passwd' },
    { ...asset, name: '..' },
    { ...asset, name: 'a\u0000b' },
    { ...asset, name: null },
  ]
  const here = await bench(t, (_request, response) =>
    send(response, { tag_name: 'v1', name: '<b onclick=x>v1\u0007', assets }),
  )
  const release = await here.github.latest('o', 'r', 'stable')
  assert.equal(release?.name, '<\u200bb onclick=x>v1')
  assert.deepEqual([release.published, release.prerelease], [null, false])
  assert.deepEqual(
    release.assets.map(({ name, url, size, sha256 }) => [name, url, size, sha256]),
    [
      ['plain.zip', 'https://h.example/plain.zip', null, null],
      ['other-digest.zip', 'https://h.example/a.zip', 1, null],
      ['http.zip', null, 1, null],
      ['file.zip', null, 1, null],
    ],
  )
})

test('in a list one that cannot be read is left out, a list of nothing else is told', async (t) => {
  const here = await bench(t, (_request, response, count) =>
    send(response, count === 1 ? [7, wire('v1')] : [7]),
  )
  assert.equal((await here.github.list('o', 'r')).length, 1)
  await assert.rejects(here.github.list('o', 'r'), { kind: 'remote_failed' })
})

test('redirects to http elsewhere are not followed', async (t) => {
  const here = await bench(t, (_request, response) => {
    response.writeHead(301, { location: 'http://example.invalid/' }).end()
  })
  await assert.rejects(here.github.latest('o', 'r', 'stable'), { kind: 'refused', message: /not followed/ })
})

test('the address of the API: the option, the environment, GitHub; and one that is none', async (t) => {
  const here = await bench(t, (_request, response) => send(response, wire('v1')))
  const env = { GITHUB_API_URL: 'http://127.0.0.1:1/' }
  await here.again({ env, apiUrl: `${here.url}/api/v1` }).latest('o', 'r', 'stable')
  assert.deepEqual(here.asked, ['/api/v1/repos/o/r/releases/latest'])
  for (const apiUrl of ['', 'x', 'ftp://h/', 'https://u:p@h/', 'https://h/?a=b', 'https://h/#a'])
    assert.throws(() => here.again({ apiUrl }), { kind: 'bad_argument' }, apiUrl)
})
