import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { curl, dialectScene, releases, type DialectScene } from '../support/dialect-scene.js'
import { ask, type HttpReply } from '../support/socket.js'

interface Envelope {
  readonly code: number
  readonly status: string
  readonly message: string
  readonly data: Record<string, unknown> | null
  readonly extra: Record<string, unknown>
  readonly version?: string
  readonly progress?: number
}

const envelopeOf = (reply: HttpReply): Envelope => {
  const envelope = reply.json as Envelope
  assert.ok(envelope, reply.body)
  assert.equal(envelope.code, reply.status)
  assert.equal(envelope.status, reply.status === 200 ? 'success' : 'fail')
  assert.deepEqual(
    Object.keys(envelope).filter((name) => name !== 'version' && name !== 'progress'),
    ['code', 'status', 'message', 'data', 'extra'],
  )
  return envelope
}

const [updatePath, progressPath, listPath] = [
  '/api/v1/update',
  '/api/v1/update/progress',
  '/api/v1/updates',
] as const

const post = async (scene: DialectScene, where: string, body: object): Promise<Envelope> =>
  envelopeOf(await scene.json('POST', where, { api_token: scene.key, ...body }))

test('an update, its refusals and its failures, as the document tells them', async (t) => {
  const scene = await dialectScene(t, {
    own: 'scopes:\n  bob = read\n  eve = update\n  ann = admin\n  api_key = admin\n',
  })
  const update = (body: object): Promise<Envelope> => post(scene, updatePath, body)

  await t.test('no token, a wrong one, one that may too little, on every path', async () => {
    const [bob, eve] = [await scene.token('bob'), await scene.token('eve')]
    const bodies = { [updatePath]: { package: 'app' }, [progressPath]: { itemId: 'core' }, [listPath]: {} }
    for (const [where, body] of Object.entries(bodies)) {
      for (const token of [undefined, null, '', 'wrong', `${bob}x`, 7, ['x']]) {
        const reply = await scene.json('POST', where, { ...body, api_token: token })
        assert.deepEqual(
          [reply.status, envelopeOf(reply).message],
          [401, 'Invalid token'],
          `${where} ${String(token)}`,
        )
      }
      // In the body, and nowhere else.
      const query = await scene.json('POST', `${where}?api_token=${scene.key}&access_token=${eve}`, body)
      const header = await scene.json('POST', where, body, { 'X-Api-Key': scene.key })
      const bearer = await scene.json('POST', where, body, { Authorization: `Bearer ${bob}` })
      assert.deepEqual([query.status, header.status, bearer.status], [401, 401, 401], where)
    }
    for (const token of [bob, eve]) {
      const reply = await scene.json('POST', updatePath, { api_token: token, package: 'app' })
      assert.equal(reply.status, 403)
      assert.match(envelopeOf(reply).message, /needs admin/)
      assert.equal((await scene.json('POST', progressPath, { api_token: token, itemId: 'core' })).status, 200)
      assert.equal((await scene.json('POST', listPath, { api_token: token })).status, 200)
    }
    assert.equal((await scene.json('GET', listPath)).status, 401)
    assert.equal(scene.head(), 'v1.0.0')
  })

  await t.test('what is not valid is told by field', async () => {
    const required = (name: string): object => ({ [name]: [`The ${name} field is required.`] })
    const table: readonly (readonly [string, object, object])[] = [
      [updatePath, {}, required('package')],
      [updatePath, { package: '' }, required('package')],
      [updatePath, { package: null }, { package: ['The package field must be a string.'] }],
      [updatePath, { package: 5 }, { package: ['The package field must be a string.'] }],
      [
        updatePath,
        { version: ['1'] },
        {
          package: ['The package field is required.'],
          version: ['The version field must be a string or null.'],
        },
      ],
      [progressPath, {}, required('itemId')],
      [progressPath, { itemId: '' }, required('itemId')],
      [progressPath, { itemId: [] }, { itemId: ['The itemId field must be a string.'] }],
    ]
    for (const [where, body, errors] of table) {
      const envelope = await post(scene, where, body)
      assert.deepEqual([envelope.code, envelope.message], [422, 'Validation failed'])
      assert.deepEqual(envelope.data, { errors })
    }
  })

  await t.test('a request that is none', async () => {
    for (const [type, body] of [
      ['application/json', '{"api_token":'],
      ['application/json', '[1]'],
      ['application/json', 'null'],
      ['application/json', '\xff'],
      ['text/plain', 'hello'],
    ] as const) {
      const reply = await ask(
        scene.port,
        'POST',
        updatePath,
        { 'Content-Type': type },
        Buffer.from(body, 'latin1'),
      )
      assert.deepEqual([reply.status, envelopeOf(reply).message], [400, 'Invalid update request'], body)
    }
    const verb = await scene.json('GET', updatePath)
    assert.equal(verb.status, 401)
    const known = await scene.json('GET', updatePath, undefined, { 'X-Api-Key': scene.key })
    assert.deepEqual([known.status, envelopeOf(known).code, known.headers.allow], [405, 405, 'POST'])
    const large = await ask(
      scene.port,
      'POST',
      updatePath,
      { 'Content-Type': 'application/json' },
      ' '.repeat(70_000),
    )
    assert.equal(envelopeOf(large).code, 413)
  })

  await t.test('what is not here', async () => {
    assert.equal((await update({ package: 'wncms/wncms' })).code, 404)
    assert.equal((await update({ package: 'app', version: '99.0' })).code, 404)
    assert.equal((await post(scene, progressPath, { itemId: 'nobody' })).code, 404)
  })

  await t.test('while one runs', async () => {
    scene.hold()
    // Asked for at the same moment: one of them is done.
    let refused = 0
    const asked = [1, 2, 3, 4].map(async () => {
      const envelope = await update({ package: 'app', version: 'v1.1.0' })
      if (envelope.code === 409) refused += 1
      return envelope
    })
    await scene.until('running')
    await scene.daemon.askUntil('server.info', () => refused === 3)
    for (const itemId of ['core', 'app']) {
      const { progress, data, message } = await post(scene, progressPath, { itemId })
      assert.deepEqual(
        [progress, data, message],
        [1, { progress: 1 }, 'Successfully fetched updating progress'],
      )
    }
    const second = await update({ package: 'app' })
    assert.deepEqual([second.code, second.message], [409, 'Core update in progress'])
    // Moonraker's clients see it.
    const status = await scene.json('GET', '/machine/update/status', undefined, { 'X-Api-Key': scene.key })
    assert.equal((status.json as { result: { busy: boolean } }).result.busy, true)
    scene.release()
    const [done, ...others] = (await Promise.all(asked)).filter(({ code }) => code !== 409)
    assert.ok(done)
    assert.deepEqual(others, [])
    assert.equal(done.message, 'Successfully updated')
    assert.deepEqual([done.code, done.version, done.data], [200, 'v1.1.0', { version: 'v1.1.0' }])
    assert.equal(scene.head(), 'v1.1.0')
    const { progress, data } = await post(scene, progressPath, { itemId: 'core' })
    assert.deepEqual([progress, data], [0, { progress: 0 }])
  })

  await t.test('an older version is no valid request; a failed one says why', async () => {
    const older = await update({ package: 'app', version: 'v1.0.0' })
    assert.deepEqual(
      [older.code, older.message, older.extra['error']],
      [400, 'Invalid update request', 'needs_plan_hash'],
    )
    scene.forge.releases = releases
    await scene.daemon.ask('machine.update.refresh', { name: 'page' })
    const failed = await update({ package: 'page' })
    assert.equal(failed.code, 500)
    assert.match(failed.message, /^Update failed: .*is not what was published/)
    assert.equal(failed.extra['error'], 'digest_mismatch')
  })

  await t.test("the documents' own commands, and a form", async () => {
    const base = `http://127.0.0.1:${scene.port}`
    const json = ['-H', 'Content-Type: application/json']
    const named = await curl([
      ...['-X', 'POST', `${base}/api/v1/update`, ...json],
      ...['-d', `{\n"api_token": "${scene.key}",\n"package": "owner/app",\n"version": "v1.1.0"\n}`],
    ])
    assert.equal(named.status, 200, named.body)
    assert.equal((JSON.parse(named.body) as Envelope).version, 'v1.1.0')
    const newest = await curl([
      ...['-X', 'POST', `${base}/api/v1/update`, ...json],
      ...['-d', `{\n"api_token": "${scene.key}",\n"package": "app"\n}`],
    ])
    assert.equal(newest.status, 200, newest.body)
    assert.match(scene.head(), /^v1\.1\.0-1-/)
    const form = await curl([
      '-d',
      `api_token=${scene.key}`,
      '-d',
      'itemId=core',
      `${base}/api/v1/update/progress`,
    ])
    assert.equal(form.status, 200, form.body)
  })

  await t.test('the history as a list', async () => {
    interface Page {
      readonly data: readonly Record<string, unknown>[]
      readonly pagination: Record<string, unknown>
    }
    const list = async (body: object): Promise<Page> =>
      (await post(scene, listPath, body)).data as unknown as Page
    const ids = (page: Page): unknown[] => page.data.map(({ id }) => id)
    const whole = await list({})
    const { total } = whole.pagination as { total: number }
    assert.deepEqual(whole.pagination, {
      total,
      count: total,
      page_size: 15,
      current_page: 1,
      last_page: 1,
      has_more: false,
      next: null,
      previous: null,
    })
    assert.deepEqual(Object.keys(whole.data[0] ?? {}), [
      ...['id', 'title', 'package', 'updater', 'channel', 'action', 'from', 'version', 'outcome', 'error'],
      ...['message', 'sort', 'created_at', 'updated_at'],
    ])
    const descending = Array.from({ length: total }, (_, index) => total - index)
    assert.deepEqual(ids(whole), descending)
    for (const sort of ['created_at', 'updated_at', 'sort'])
      assert.deepEqual(ids(await list({ sort, direction: 'asc' })), descending.toReversed(), sort)
    const titles = (await list({ sort: 'title', direction: 'asc' })).data.map(({ title }) => String(title))
    assert.deepEqual(titles, titles.toSorted())
    assert.deepEqual(ids(await list({ is_random: true, page_size: 100 })).toSorted(), descending.toSorted())
    const failed = await list({ keywords: 'FAILED page' })
    assert.deepEqual(
      failed.data.map(({ outcome }) => outcome),
      failed.data.map(() => 'failed'),
    )
    assert.ok(failed.data.length > 0 && failed.data.length < total)
    assert.deepEqual(ids(await list({ keywords: 'nothing has this' })), [])
    for (const [tags, type, count] of [
      [['git_repo', 'web'], 'updater', total],
      [['zip'], 'updater', 0],
      [['dev', 'stable'], 'channel', total],
      [['git_repo'], 'channel', 0],
      [['git_repo', 'stable'], undefined, total],
      [[1, 2, 3], undefined, 0],
    ] as const)
      assert.equal(
        (await list({ tags, tag_type: type })).pagination['total'],
        count,
        `${tags.join(' ')} ${type}`,
      )
    assert.deepEqual(ids(await list({ excluded_post_ids: [1, 2], direction: 'asc', locale: 'zh-TW' }))[0], 3)

    const first = await list({ page_size: 2 })
    assert.deepEqual([first.pagination['count'], first.pagination['has_more']], [2, true])
    assert.equal(first.pagination['last_page'], Math.ceil(total / 2))
    assert.equal(first.pagination['next'], '/api/v1/updates?page=2&page_size=2')
    const next = await scene.json('GET', String(first.pagination['next']), { api_token: scene.key })
    const second = envelopeOf(next).data as unknown as Page
    assert.deepEqual(ids(second), descending.slice(2, 4))
    assert.equal(second.pagination['previous'], '/api/v1/updates?page=1&page_size=2')
    assert.equal((await list({ page: 99 })).pagination['count'], 0)

    const bad: readonly (readonly [string, unknown])[] = [
      ['page', 0],
      ['page', 'x'],
      ['page_size', 0],
      ['page_size', 101],
      ['sort', 'size'],
      ['direction', 'up'],
      ['is_random', 'maybe'],
      ['tags', 'git_repo'],
      ['tag_type', 'post_category'],
      ['excluded_post_ids', ['x']],
      ['keywords', 5],
      ['locale', 5],
    ]
    for (const [name, value] of bad) {
      const { code, data } = await post(scene, listPath, { [name]: value })
      assert.equal(code, 422, name)
      assert.deepEqual(Object.keys((data as { errors: object }).errors), [name])
    }
  })

  await t.test('no token is in a log', () => {
    const texts = readdirSync(path.join(scene.folder, 'data/logs')).map((name) =>
      readFileSync(path.join(scene.folder, 'data/logs', name), 'utf8'),
    )
    const said = texts.join('\n') + scene.daemon.text
    assert.match(said, /operation finished/)
    assert.equal(said.includes(scene.key), false)
    assert.equal(/eyJ[\w-]{20}/.test(said), false)
  })
})

const trusted = '[authorization]\ntrusted_clients: 127.0.0.1\n'

test('switches, with a reload; a trusted client needs no token', async (t) => {
  const scene = await dialectScene(t, { authorization: trusted, dialects: '' })
  const unknown = await scene.json('POST', '/no/such/path', {})
  for (const [verb, where] of [
    ['POST', updatePath],
    ['POST', progressPath],
    ['GET', listPath],
    ['GET', '/installs'],
    ['POST', '/installs/app/update'],
    ['GET', '/tasks'],
    ['GET', '/api/npm.system_update/2.0/update'],
  ] as const) {
    const reply = await scene.json(verb, where, {})
    assert.deepEqual([reply.status, reply.body], [404, unknown.body], where)
  }

  const section = '[moonkeeper dialect wncms]\n'
  await scene.configure(
    `dialects: wncms\n${section}disable_core_update: True\nwncms_api_update_progress_auth: False\n`,
  )
  const off = envelopeOf(await scene.json('POST', updatePath, { package: 'app' }))
  assert.deepEqual([off.code, off.message], [403, 'Core update disabled'])
  const wrong = await scene.json('POST', updatePath, { package: 'app', api_token: 'wrong' })
  assert.equal(wrong.status, 401)
  assert.equal((await scene.json('POST', progressPath, { itemId: 'core', api_token: 'wrong' })).status, 200)
  assert.equal((await scene.json('GET', listPath)).status, 200)
  assert.equal((await scene.json('GET', '/installs')).status, 404)
  const elsewhere = { Origin: 'http://elsewhere.example' }
  const foreign = await scene.json('POST', progressPath, { itemId: 'core' }, elsewhere)
  assert.equal(foreign.status, 403)

  const all = ['wncms_api_update', 'wncms_api_update_progress', 'wncms_api_updates']
  await scene.configure(`dialects: wncms\n${section}${all.map((name) => `${name}: False\n`).join('')}`)
  for (const where of [updatePath, progressPath, listPath]) {
    const { code, message } = envelopeOf(await scene.json('POST', where, { package: 'app', itemId: 'core' }))
    assert.deepEqual([code, message], [403, 'API access is disabled'])
  }
})
