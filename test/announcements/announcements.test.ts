import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Announcements, type Announcement } from '../../src/announcements/announcements.js'
import { parseFeed } from '../../src/announcements/feed.js'
import { createFolderSource, createWebSource, type FeedSource } from '../../src/announcements/feed-source.js'
import type { Database } from '../../src/database/database.js'
import { systemHttp } from '../../src/system/http.js'
import { movingClock, type MovingClock } from '../support/clock.js'
import { makeDatabase } from '../support/database.js'
import { fakeLog } from '../support/rpc.js'
import { serveWeb } from '../support/web-server.js'

const item = (id: string, date = 'Tue, 22 Mar 2022 18:49:28 GMT'): string =>
  `<item><title>News ${id}</title><link>https://example.test/${id}</link><description>about ${id}</description>` +
  `<pubDate>${date}</pubDate><category>normal</category><guid>${id}</guid></item>`

const feed = (title: string, ...ids: readonly string[]): string =>
  `<?xml version='1.0'?><rss version="2.0"><channel><title>${title}</title>${ids.map((id) => item(id)).join('\n')}</channel></rss>`

interface Bench {
  readonly announcements: Announcements
  readonly store: Database
  readonly clock: MovingClock
  /** XML by feed; a feed that is not there cannot be had. */
  readonly feeds: Map<string, string>
  readonly told: unknown[][]
  /** What it waited for so far, in milliseconds. */
  readonly waits: readonly number[]
}

const makeBench = async (
  t: TestContext,
  database?: Database,
  configured: readonly string[] = [],
): Promise<Bench> => {
  const store = database ?? (await makeDatabase(t)).store
  const feeds = new Map<string, string>()
  const told: unknown[][] = []
  const source: FeedSource = {
    read: async (name, etag) => {
      const xml = feeds.get(name)
      const found = xml === undefined || xml === etag ? null : parseFeed(xml)
      return found === null ? null : { feed: found, etag: xml ?? null }
    },
  }
  const clock = movingClock(Date.UTC(2026, 0, 1))
  const waits: number[] = []
  const announcements = new Announcements({
    database: store,
    source,
    configured: () => configured,
    clock: {
      now: () => clock.now(),
      hour: () => clock.hour(),
      wait: (milliseconds, signal) => {
        waits.push(milliseconds)
        return clock.wait(milliseconds, signal)
      },
    },
    log: fakeLog(),
    updated: (entries) => told.push(['updated', entries.map(({ entry_id: id }) => id)]),
    dismissed: (id) => told.push(['dismissed', id]),
    woken: (id) => told.push(['woken', id]),
  })
  t.after(() => announcements.stop())
  return { announcements, store, clock, feeds, told, waits }
}

const idsOf = (entries: readonly Announcement[]): string[] => entries.map(({ entry_id: id }) => id)

test('what is in a feed is news, once; what is not in it any more is none', async (t) => {
  const { announcements, feeds, told } = await makeBench(t)
  feeds.set('moonraker', feed('arksine/moonraker', 'arksine/moonraker/1', 'arksine/moonraker/2'))
  assert.equal(await announcements.update(null), true)
  assert.deepEqual(announcements.list(true)[0], {
    entry_id: 'arksine/moonraker/1',
    url: 'https://example.test/arksine/moonraker/1',
    title: 'News arksine/moonraker/1',
    description: 'about arksine/moonraker/1',
    priority: 'normal',
    date: 1647974968,
    dismissed: false,
    date_dismissed: null,
    dismiss_wake: null,
    source: 'moonlight',
    feed: 'moonraker',
  })
  assert.equal(await announcements.update(null), false)
  feeds.set('klipper', feed('arksine/klipper', 'arksine/klipper/1'))
  feeds.set('moonraker', feed('arksine/moonraker', 'arksine/moonraker/2'))
  assert.equal(await announcements.update(['klipper', 'moonraker']), true)
  assert.deepEqual(idsOf(announcements.list(true)).sort(), ['arksine/klipper/1', 'arksine/moonraker/2'])
  feeds.clear()
  assert.equal(await announcements.update(null), false)
  assert.equal(announcements.list(true).length, 2)
  assert.equal(told.length, 2)
  await assert.rejects(announcements.update(['none']), { message: 'No subscription for none' })
})

test('the newest are first', async (t) => {
  const { announcements, feeds } = await makeBench(t)
  const dates = ['Tue, 22 Mar 2022 18:49:28 GMT', 'Wed, 22 Mar 2023 18:49:28 GMT', 'no date']
  const items = dates.map((date, index) => item(`x/${index}`, date)).join('')
  feeds.set('moonraker', `<rss><channel><title>x</title>${items}</channel></rss>`)
  await announcements.update(null)
  assert.deepEqual(idsOf(announcements.list(true)), ['x/2', 'x/1', 'x/0'])
  assert.equal(announcements.list(true)[0]?.date, Date.UTC(2026, 0, 1) / 1000)
})

test('what is put away stays away, or wakes in its time, also after a restart', async (t) => {
  const { announcements, store, clock, feeds, told } = await makeBench(t)
  feeds.set('moonraker', feed('x', 'x/1', 'x/2'))
  await announcements.update(null)
  told.length = 0
  await announcements.dismiss('x/1', null)
  await announcements.dismiss('x/1', 5)
  await announcements.dismiss('x/2', 5)
  assert.deepEqual(told, [
    ['dismissed', 'x/1'],
    ['dismissed', 'x/2'],
  ])
  const now = clock.now() / 1000
  assert.deepEqual(
    announcements.list(true).map((entry) => [entry.date_dismissed, entry.dismiss_wake]),
    [
      [now, null],
      [now, now + 5],
    ],
  )
  assert.deepEqual(announcements.list(false), [])
  await assert.rejects(announcements.dismiss('none', null), { message: 'No key matching entry id: none' })

  await announcements.stop()
  const next = await makeBench(t, store)
  next.announcements.start()
  await next.clock.pass(4)
  assert.deepEqual([next.told, next.announcements.list(false)], [[], []])
  while (next.told.length === 0) await next.clock.pass(1)
  assert.deepEqual([next.told, idsOf(next.announcements.list(false))], [[['woken', 'x/2']], ['x/2']])
})

test('feeds come from the configuration and from clients, who take only their own away', async (t) => {
  const { announcements, feeds, told, store } = await makeBench(t, undefined, ['Fluidd', '../evil'])
  assert.deepEqual(announcements.feeds(), ['moonraker', 'klipper', 'fluidd'])
  feeds.set('mainsail', feed('mainsail', 'mainsail/1'))
  assert.equal(await announcements.addFeed('Mainsail'), true)
  assert.equal(await announcements.addFeed('mainsail'), false)
  assert.deepEqual(announcements.feeds(), ['moonraker', 'klipper', 'fluidd', 'mainsail'])
  assert.deepEqual(idsOf(announcements.list(true)), ['mainsail/1'])
  await announcements.removeFeed('MAINSAIL')
  assert.deepEqual([announcements.feeds().length, announcements.list(true)], [3, []])
  assert.deepEqual(told, [
    ['updated', ['mainsail/1']],
    ['updated', []],
  ])
  for (const name of ['mainsail', 'moonraker', 'fluidd', '__proto__'])
    await assert.rejects(announcements.removeFeed(name), { message: `Feed '${name}' not stored` })
  for (const name of ['', '..', '../x', 'a/b', 'a b', 'x'.repeat(100), 'stored_feeds', '__proto__', '.x'])
    await assert.rejects(announcements.addFeed(name), { kind: 'bad_argument' }, name)
  assert.deepEqual(store.read('moonraker', 'announcements'), { stored_feeds: [] })
})

test('feeds are looked at when it begins, and every half hour', async (t) => {
  const { announcements, feeds, clock, told, waits } = await makeBench(t)
  feeds.set('moonraker', feed('x', 'x/1'))
  announcements.start()
  const waitFor = async (count: number): Promise<void> => {
    while (told.length < count) await turn()
  }
  await waitFor(1)
  while (waits.length < 2) await turn()
  const halfHour = 30 * 60
  assert.ok(waits.includes(halfHour * 1000), String(waits))
  feeds.set('moonraker', feed('x', 'x/1', 'x/2'))
  await clock.pass(halfHour - 1)
  assert.equal(told.length, 1)
  await clock.pass(1)
  await waitFor(2)
})

describe('a feed', () => {
  test('has its texts as they are shown, and no markup that a page would take for its own', () => {
    const parsed = parseFeed(
      '<rss><channel><title>A/B</title><item><guid>1</guid><title>a &amp; b &lt;c&gt; &#65;&#x42; &nope; &#0;</title>' +
        '<description><![CDATA[<script>alert(1)</script> &amp;]]></description><link>javascript:alert(1)</link></item></channel></rss>',
    )
    assert.deepEqual(parsed, {
      prefix: 'a/b',
      items: [
        {
          id: '1',
          url: null,
          title: 'a & b <\u200bc> AB &nope; ',
          description: '<\u200bscript>alert(1)<\u200b/script> &amp;',
          priority: null,
          date: null,
        },
      ],
    })
  })

  for (const xml of ['', 'text', '<html><body>404</body></html>', '<rss><channel>', '<channel></chan'])
    test(`is none: ${xml}`, () => {
      assert.equal(parseFeed(xml), null)
    })

  test('with nothing that counts is empty', () => {
    const odd = '<channel><item></item><item><guid></guid></item><item><guid>unfinished</channel>'
    assert.deepEqual(parseFeed(odd), { prefix: '', items: [] })
  })

  test('of any length takes its time, and no more', () => {
    const nested = '<channel>'.repeat(100_000) + '<item>'.repeat(100_000) + '<guid>'.repeat(100_000)
    parseFeed(nested)
    assert.equal(parseFeed(feed('x', ...Array.from({ length: 1000 }, (_, n) => `x/${n}`)))?.items.length, 200)
  })
})

describe('the web', () => {
  test('is asked with the tag that is known', async (t) => {
    const asked: unknown[] = []
    const url = await serveWeb(t, (request, response) => {
      asked.push([request.url, request.headers['if-none-match']])
      response.statusCode = request.headers['if-none-match'] === '"1"' ? 304 : 200
      response.setHeader('ETag', '"1"')
      response.end(response.statusCode === 200 ? feed('x', 'x/1') : '')
    })
    const source = createWebSource(url, systemHttp, fakeLog())
    const { signal } = new AbortController()
    const found = await source.read('moonraker', null, signal)
    assert.deepEqual([found?.etag, found?.feed.items.length], ['"1"', 1])
    assert.equal(await source.read('moonraker', '"1"', signal), null)
    assert.deepEqual(asked, [
      ['/assets/moonraker.xml', undefined],
      ['/assets/moonraker.xml', '"1"'],
    ])
  })

  test('that has nothing, too much or no answer is no error', async (t) => {
    const url = await serveWeb(t, (request, response) => {
      if (request.url?.includes('none') === true) response.statusCode = 404
      const large = request.url?.includes('large') === true
      response.end(large ? Buffer.alloc(2 * 1024 * 1024, ' ') : 'no feed')
    })
    const { signal } = new AbortController()
    for (const name of ['none', 'large', 'text'])
      assert.equal(await createWebSource(url, systemHttp, fakeLog()).read(name, null, signal), null)
    const nowhere = createWebSource('http://127.0.0.1:1', systemHttp, fakeLog())
    assert.equal(await nowhere.read('moonraker', null, signal), null)
    assert.equal(await nowhere.read('moonraker', null, AbortSignal.abort()), null)
  })
})

test('a folder of feeds is read when they change', async () => {
  const texts: Record<string, string> = { '/feeds/x.xml': feed('x', 'x/1') }
  const source = createFolderSource('/feeds', { readText: async (file) => texts[file] ?? null })
  const { signal } = new AbortController()
  const found = await source.read('x', null, signal)
  assert.equal(found?.feed.items.length, 1)
  assert.equal(await source.read('x', found.etag, signal), null)
  texts['/feeds/x.xml'] = feed('x', 'x/2')
  assert.equal((await source.read('x', found.etag, signal))?.feed.items[0]?.id, 'x/2')
  assert.equal(await source.read('y', null, signal), null)
})
