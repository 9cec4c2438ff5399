import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { curl, dialectScene, type Built, type DialectScene } from '../support/dialect-scene.js'
import { serveForge } from '../support/forge.js'
import { installProgram } from '../support/release-scene.js'
import { checkoutAt } from '../support/repositories.js'
import { ask, type HttpReply } from '../support/socket.js'

type Data = Readonly<Record<string, unknown>>

interface Envelope {
  readonly result: boolean
  readonly status: number
  readonly errcode: string | null
  readonly errfield: string | null
  readonly message: string
  readonly data: unknown
}

const envelopeOf = (reply: HttpReply): Envelope => {
  const envelope = reply.json as Envelope
  assert.ok(envelope, reply.body)
  assert.deepEqual(Object.keys(envelope), ['result', 'status', 'errcode', 'errfield', 'message', 'data'])
  assert.equal(envelope.status, reply.status)
  assert.equal(envelope.result, reply.status === 200)
  assert.match(envelope.message, /\n$/)
  return envelope
}

const asker =
  (scene: DialectScene) =>
  async (verb: string, where: string, body?: object): Promise<Envelope> =>
    envelopeOf(await scene.json(verb, where, body, { 'X-API-KEY': scene.key }))

/** [errcode, errfield, status] */
const refusalIn = ({ errcode, errfield, status, data, message }: Envelope): readonly unknown[] => {
  assert.equal(data, null, message)
  return [errcode, errfield, status]
}

const dataOf = ({ data, status, message }: Envelope): Data => {
  assert.equal(status, 200, message)
  return data as Data
}

const listOf = ({ data, status, message }: Envelope): readonly Data[] => {
  assert.equal(status, 200, message)
  return data as readonly Data[]
}

const gitSection = (
  name: string,
  { folder, upstream }: Built,
  more: string,
  at = path.join(folder, name),
): string => {
  mkdirSync(path.dirname(at), { recursive: true })
  checkoutAt(upstream, at, 'v1.0.0')
  return `[update_manager ${name}]\ntype: git_repo\npath: ${at}\norigin: ${upstream.url}\n${more}\n`
}

/** An ELF file for a machine that nobody has. */
const foreignProgram = (): Buffer => {
  const bytes = Buffer.alloc(64)
  bytes.write('\x7fELF', 0, 'latin1')
  bytes[5] = 1
  bytes.writeUInt16LE(22, 18)
  return bytes
}

const unattendedUpdate = {
  n: 1,
  previous: '0'.repeat(64),
  at: 1_700_000_000_000,
  job: 'earlier',
  application: 'page',
  type: 'web',
  goal: 'upgrade',
  from: 'v0.9.0',
  to: 'v1.0.0',
  outcome: 'done',
  code: null,
  message: null,
  asked_by: 'unattended',
}

/** `page` was updated with nobody watching, and failed twice since. */
const writeThePast = (folder: string): void => {
  const data = path.join(folder, 'data/moonkeeper')
  mkdirSync(path.join(data, 'state'), { recursive: true })
  writeFileSync(path.join(data, 'history.jsonl'), `${JSON.stringify(unattendedUpdate)}\n`)
  const state = { type: 'web', optionsHash: '', refreshedAt: 0, needsPerson: null, saved: {}, failures: 2 }
  writeFileSync(
    path.join(data, 'state/page.json'),
    JSON.stringify({ ...state, firstSeen: 1_600_000_000_000 }),
  )
}

const programs = [
  'app      RUNNING   pid 11, uptime 1:00:00',
  'klipper  RUNNING   pid 12, uptime 1:00:00',
  'plug     STOPPED   Not started',
].join('\n')

const familyScene = (t: TestContext): Promise<DialectScene> =>
  dialectScene(t, {
    programs: `${programs}\n`,
    own: 'scopes:\n  bob = read\n  eve = update\n  api_key = admin\n',
    before: (at) => {
      writeThePast(at.folder)
      writeFileSync(path.join(at.folder, 'data/moonraker.asvc'), 'app\nhaunted\nklipper\nplug\nmoonraker\n')
      const main = [
        gitSection('plug', at, 'managed_services: plug\nis_system_service: False'),
        gitSection('helper', at, 'is_system_service: False'),
        gitSection('addon', at, 'managed_services: klipper'),
        gitSection('dark', at, 'is_system_service: False\ninfo_tags:\n  desc=A dark theme'),
        gitSection('haunted', at, ''),
        gitSection('odd', at, 'is_system_service: False', path.join(at.folder, 'data/backup/odd')),
      ]
      const own = [
        '[moonkeeper plug]\nextends: app\nsettle_time: 0',
        '[moonkeeper helper]\nextends: app\nsettle_time: 0',
        '[moonkeeper dark]\nextends: app\ntheme: True\nauto_update: all\nsoak_time: 1000000\ngenerations: 0',
        '[moonkeeper page]\nhealth_url: http://bob:secret@127.0.0.1:9/fluidd?token=secret\nauto_update: minor',
      ]
      const klipper = checkoutAt(at.upstream, path.join(at.folder, 'klipper'), 'v1.0.0')
      main.push(`[update_manager klipper]\npath: ${klipper}\nenv: /usr/bin/python3\n`)
      return { main: main.join(''), own: own.join('\n') }
    },
  })

const fields = [
  ...['id', 'application', 'agent', 'autobk', 'autobk_schedule', 'autoup', 'autoup_backup', 'autoup_plugins'],
  ...['autoup_themes', 'bkloc', 'cache_numerrors', 'cache_numwarnings', 'cache_files', 'cache_numbackups'],
  ...[
    'cache_preview',
    'cache_table',
    'cache_tables',
    'cache_time',
    'db_host',
    'db_type',
    'db_name',
    'db_user',
  ],
  ...['db_pass', 'db_prefix', 'login', 'email', 'language', 'sitetitle', 'sitetagline', 'failures', 'file'],
  ...[
    'files',
    'exclude_files',
    'incomplete',
    'link_admin',
    'notification',
    'parent',
    'path',
    'plugins',
    'stage',
  ],
  ...['tables', 'themes', 'time_created', 'time_updated', 'title', 'url', 'url_domain', 'user', 'version'],
  ...['version_autouped', 'version_autouped_attempts', 'version_available', 'version_available_minor'],
  'version_updates_available',
].sort()

const paths = [
  ['GET', '/installs'],
  ['GET', '/installs/app'],
  ['GET', '/installs/plugins'],
  ['GET', '/installs/themes'],
  ['GET', '/browser/app'],
  ['GET', '/tasks'],
  ['GET', '/backups'],
  ['POST', '/installs/app'],
  ['POST', '/installs/app/update'],
  ['POST', '/installs/app/upgrade'],
  ['POST', '/backups/x/restore'],
] as const

test('every field, every parameter and every code that needs no broken machine', async (t) => {
  const scene = await familyScene(t)
  const request = asker(scene)
  const update = (name: string, body: object = {}): Promise<Envelope> =>
    request('POST', `/installs/${name}/update`, body)
  const appId = String(dataOf(await request('GET', '/installs/app'))['id'])

  await t.test('no key, a wrong one, one that may too little, on every path', async () => {
    const bob = await scene.token('bob')
    for (const [verb, where] of paths) {
      const tries: Record<string, string>[] = [
        {},
        { 'X-API-KEY': 'wrong' },
        { Authorization: `Bearer ${bob}x` },
      ]
      if (verb === 'POST') tries.push({ Authorization: `Bearer ${bob}` })
      for (const headers of tries) {
        const reply = await scene.json(verb, where, verb === 'POST' ? {} : undefined, headers)
        assert.deepEqual(refusalIn(envelopeOf(reply)), ['invalid_api_key', null, 403], `${verb} ${where}`)
      }
    }
    const eve = { Authorization: `Bearer ${await scene.token('eve')}` }
    assert.equal((await scene.json('POST', '/installs/app', {}, eve)).status, 403)
    assert.equal(
      (await scene.json('GET', '/installs', undefined, { Authorization: `Bearer ${bob}` })).status,
      200,
    )
    const verb = await scene.json('DELETE', '/installs/app', undefined, { 'X-API-KEY': scene.key })
    assert.deepEqual([verb.status, verb.headers.allow], [405, 'GET, POST'])
    assert.equal(scene.head(), 'v1.0.0')
  })

  await t.test('the fields of an install', async () => {
    const app = dataOf(await request('GET', `/installs/${appId}`))
    assert.deepEqual(Object.keys(app).sort(), fields)
    const { time_created: created, cache_files: size, cache_time: looked, ...known } = app
    assert.ok(Number.isInteger(created) && Number(created) > 1_700_000_000)
    assert.ok(Number.isInteger(looked) && Number(looked) > 1_700_000_000)
    assert.ok(Number(size) > 10_000)
    const empty = [
      'autobk_schedule',
      'login',
      'email',
      'sitetitle',
      'sitetagline',
      'file',
      'link_admin',
      'parent',
    ]
    for (const name of [...empty, 'stage', ...fields.filter((field) => field.startsWith('db_'))])
      assert.equal(known[name], '', name)
    for (const name of ['numerrors', 'numwarnings', 'preview', 'table', 'tables', 'numbackups'])
      assert.equal(known[`cache_${name}`], 0, name)
    const info = (await scene.daemon.ask('server.info'))?.result as { moonkeeper_version: string }
    const expected = {
      id: appId,
      agent: info.moonkeeper_version,
      application: 'upstream',
      title: 'app',
      autobk: 'none',
      autoup: 'none',
      autoup_backup: 'all',
      autoup_plugins: 'none',
      autoup_themes: 'all',
      bkloc: 'local',
      language: 'en',
      notification: [],
      tables: [],
      failures: [],
      incomplete: false,
      files: ['.git', '.gitignore', 'README.md', 'app.py', 'conf', 'lib'],
      exclude_files: [],
      path: scene.app,
      user: 'root',
      url: '',
      url_domain: '',
      time_updated: 0,
      version: 'v1.0.0-0',
      version_autouped: '',
      version_autouped_attempts: 0,
      version_available: 'v1.1.0-1',
      version_available_minor: 'v1.1.0-1',
      version_updates_available: 3,
      plugins: [
        { id: 'plug', version: 'v1.0.0-0', activated: false, autoup: 'none' },
        { id: 'helper', version: 'v1.0.0-0', activated: true, autoup: 'none' },
      ],
      themes: [{ id: 'dark', version: 'v1.0.0-0', active: true, autoup: 'all' }],
    }
    for (const [name, value] of Object.entries(expected)) assert.deepEqual(known[name], value, name)
    assert.match(appId, /^[0-9a-z]{25}$/)

    const page = dataOf(await request('GET', '/installs/page'))
    for (const [name, value] of Object.entries({
      application: 'app',
      url: 'http://127.0.0.1:9/fluidd',
      url_domain: '127.0.0.1',
      autoup: 'minor',
      time_created: 1_600_000_000,
      time_updated: 1_700_000_000,
      version: 'v1.0.0',
      version_autouped: 'v1.0.0',
      version_autouped_attempts: 2,
      version_available: 'v2.0.0',
      version_available_minor: 'v1.2.0',
      version_updates_available: 3,
    }))
      assert.deepEqual(page[name], value, name)
    const dark = dataOf(await request('GET', '/installs/dark'))
    assert.deepEqual([dark['title'], dark['autoup_backup']], ['A dark theme', 'none'])
  })

  await t.test('lists', async () => {
    const installs = listOf(await request('GET', '/installs'))
    assert.deepEqual(
      installs.map(({ title }) => title),
      ['klipper', 'app', 'plug', 'helper', 'addon', 'A dark theme', 'haunted', 'odd', 'page'],
    )
    for (const install of installs) assert.deepEqual(Object.keys(install).sort(), fields)
    const [klipper] = installs
    assert.deepEqual(
      (klipper?.['plugins'] as Data[]).map(({ id }) => id),
      ['addon'],
    )
    const plugin = (id: string, activated: boolean, install: unknown): Data => ({
      ...{ id, version: 'v1.0.0-0', activated, autoup: 'none', install },
    })
    assert.deepEqual(listOf(await request('GET', '/installs/plugins')), [
      plugin('addon', true, klipper?.['id']),
      plugin('plug', false, appId),
      plugin('helper', true, appId),
    ])
    assert.deepEqual(listOf(await request('GET', '/installs/themes')), [
      { id: 'dark', version: 'v1.0.0-0', active: true, autoup: 'all', install: appId },
    ])
    const versions = listOf(await request('GET', '/browser/page?limit=2&offset=1'))
    assert.deepEqual(
      versions.map(({ version }) => version),
      ['v1.2.0', 'v1.1.0'],
    )
    assert.deepEqual(Object.keys(versions[0] ?? {}), ['version', 'id', 'time', 'title', 'current', 'kept'])
    // By repository, too.
    assert.equal(listOf(await request('GET', '/browser/owner%2Fapp')).length, 4)
    for (const [where, field] of [
      ['/tasks?limit=0', 'limit'],
      ['/tasks?limit=x', 'limit'],
      ['/tasks?offset=-1', 'offset'],
      ['/browser/page?limit=1001', 'limit'],
    ] as const)
      assert.deepEqual(
        refusalIn(await request('GET', where)),
        [`invalid_argument_${field}`, field, 400],
        where,
      )
  })

  await t.test('what does not fit', async () => {
    const table: readonly (readonly [object, string])[] = [
      [{ version: 7 }, 'version'],
      [{ revert: 'maybe' }, 'revert'],
      [{ user: ['root'] }, 'user'],
      [{ plugins: 'plug' }, 'plugins'],
      [{ plugin: [7] }, 'plugin'],
      [{ themes: {} }, 'themes'],
      [{ theme: 'dark' }, 'theme'],
      [{ background: 'yes' }, 'background'],
      [{ dryrun: 'some' }, 'dryrun'],
      [{ plugins: ['page'] }, 'plugins'],
      [{ theme: ['plug'] }, 'theme'],
    ]
    for (const verb of ['update', 'upgrade'])
      for (const [body, field] of table) {
        const refusal = refusalIn(await request('POST', `/installs/app/${verb}`, body))
        assert.deepEqual(refusal, [`invalid_argument_${field}`, field, 400], JSON.stringify(body))
      }
    for (const where of [
      '/installs/nobody/update',
      '/installs/nobody',
      `/installs/${'0'.repeat(25)}/upgrade`,
    ])
      assert.deepEqual(refusalIn(await request('POST', where, {})), ['install_not_found', null, 404], where)
    for (const where of ['/installs/nobody', '/browser/nobody'])
      assert.deepEqual(refusalIn(await request('GET', where)), ['install_not_found', null, 404], where)
    assert.deepEqual(refusalIn(await update('app', { user: 'nobody-here' })), ['user_not_found', 'user', 404])
    assert.deepEqual(refusalIn(await update('app', { user: 'daemon' })), [
      'invalid_argument_user',
      'user',
      403,
    ])
    assert.deepEqual(refusalIn(await update('app', { version: '99.0' })), [
      'invalid_argument_version',
      'version',
      400,
    ])
    const dry = { version: '99.0', dryrun: 'input' }
    assert.deepEqual(refusalIn(await update('app', dry)), ['invalid_argument_version', 'version', 400])
    const text = await ask(
      scene.port,
      'POST',
      '/installs/app/update',
      { 'X-API-KEY': scene.key, 'Content-Type': 'application/json' },
      '[',
    )
    assert.deepEqual(refusalIn(envelopeOf(text)), ['bad_argument', null, 400])
    const after = dataOf(await request('GET', '/installs/app'))
    assert.deepEqual([after['version'], after['plugins']], ['v1.0.0-0', (await appNow(request)).plugins])
  })

  await t.test('a dry run changes nothing, and tells what would be in the way', async () => {
    const before = listOf(await request('GET', '/tasks'))
    for (const dryrun of ['all', 'input']) {
      const reply = await update('app', { dryrun, user: 'root', plugins: [], themes: ['dark'] })
      assert.deepEqual([reply.errcode, reply.result, reply.status], ['complete_dryrun', true, 200])
      assert.equal(dataOf(reply)['version'], 'v1.0.0-0')
    }
    assert.equal(scene.head(), 'v1.0.0')
    assert.deepEqual(listOf(await request('GET', '/tasks')), before)
    const missing = ['failed_website_vhost', null, 500]
    for (const dryrun of ['all', 'none'])
      assert.deepEqual(refusalIn(await update('haunted', { dryrun })), missing)
    assert.equal((await update('haunted', { dryrun: 'input' })).status, 200)
    assert.deepEqual(refusalIn(await update('odd')), ['failed_filesystem_ondemand', null, 500])
  })

  await t.test('an update while one runs is busy everywhere', async () => {
    scene.hold()
    const begun = await update('app', { background: true, revert: true })
    assert.match(begun.message, /^The task has begun: [0-9a-f-]{36}/)
    const [, id = ''] = / ([0-9a-f-]{36})/.exec(begun.message) ?? []
    await scene.until('running')
    const [task] = listOf(await request('GET', '/tasks'))
    assert.deepEqual(
      [task?.['state'], task?.['cmd'], task?.['time_ended'], task?.['installs']],
      ['running', 'update', null, [appId]],
    )
    assert.deepEqual(refusalIn(await update('page')), ['already_running', null, 503])
    const other = await scene.json('POST', '/api/v1/update', { api_token: scene.key, package: 'page' })
    assert.equal(other.status, 409)
    const shown = await scene.json('POST', '/api/v1/update/progress', { api_token: scene.key, itemId: 'app' })
    assert.equal((shown.json as { progress: number }).progress, 1)
    scene.release()
    await scene.daemon.askUntil(
      'machine.update.jobs.get',
      ({ result }) => (result as { state: string }).state === 'done',
      { id },
    )
    const [ended] = listOf(await request('GET', '/tasks?limit=1'))
    assert.deepEqual(Object.keys(ended ?? {}), [
      'id',
      'cmd',
      'installs',
      'state',
      'progress',
      'time_started',
      'time_ended',
      'message',
    ])
    assert.deepEqual([ended?.['state'], ended?.['progress'], ended?.['message']], ['done', 1, ''])
    for (const name of ['time_started', 'time_ended']) assert.ok(Number.isInteger(ended?.[name]))
    assert.equal(ended?.['id'], id)
    assert.notEqual(listOf(await request('GET', '/tasks?offset=1'))[0]?.['id'], id)
    const app = dataOf(await request('GET', '/installs/app'))
    assert.deepEqual(
      [app['version'], app['version_available'], app['version_updates_available'], app['cache_numbackups']],
      ['v1.1.0-1', '', 0, 1],
    )
    assert.ok(Number(app['time_updated']) > 1_700_000_000)
  })

  await t.test('plugins and themes', async () => {
    const versionsNow = async (): Promise<readonly unknown[]> => {
      const { plugins, themes } = await appNow(request)
      return [...plugins, ...themes].map(({ version }) => version)
    }
    assert.equal((await update('app', { version: 'current' })).status, 200)
    assert.deepEqual(await versionsNow(), ['v1.0.0-0', 'v1.0.0-0', 'v1.0.0-0'])
    assert.equal((await update('app', { version: 'current', plugins: ['helper'] })).status, 200)
    assert.deepEqual(await versionsNow(), ['v1.0.0-0', 'v1.1.0-1', 'v1.0.0-0'])
    assert.equal((await update('app', { version: 'current', themes: [] })).status, 200)
    assert.deepEqual(await versionsNow(), ['v1.0.0-0', 'v1.1.0-1', 'v1.1.0-1'])
  })

  await t.test("the document's own commands", async () => {
    const base = `http://127.0.0.1:${scene.port}`
    const commands: readonly (readonly [string, string])[] = [
      [`${base}/installs/${appId}/update`, '{\n            "user": "root"\n        }'],
      [
        `${base}/installs/${appId}/update`,
        '{\n  "version": "current",\n  "plugin": ["helper"],\n  "theme": []\n }',
      ],
      [`${base}/installs/page/update`, '{\n            "version": "1.1.0"\n        }'],
    ]
    for (const [where, body] of commands) {
      const headers = [
        '-H',
        `X-API-KEY: ${scene.key}`,
        '-H',
        'Accept: application/json',
        '-H',
        'Content-Type: application/json',
      ]
      const { status, body: text } = await curl([
        '-X',
        'POST',
        where,
        ...headers,
        '-d',
        `\n        ${body}\n       `,
      ])
      assert.equal(status, 200, text)
      const { result, errcode, message } = JSON.parse(text) as Envelope
      assert.deepEqual([result, errcode, message], [true, null, 'The task is complete.\n'])
    }
    assert.equal(dataOf(await request('GET', '/installs/page'))['version'], 'v1.1.0')
  })

  await t.test('versions that are not for everybody', async () => {
    const field = 'version'
    const older = ['invalid_argument_version_manualupdate', field, 400]
    assert.deepEqual(refusalIn(await update('page', { version: '1.0.0' })), older)
    assert.deepEqual(refusalIn(await update('page', { version: '1.0.0', dryrun: 'all' })), older)
    await scene.daemon.ask('machine.update.pin', { name: 'page', version: 'v1.2.0' })
    const pinned = refusalIn(await update('page', { version: 'v2.0.0' }))
    assert.deepEqual(pinned, ['invalid_argument_version_noupdate', field, 400])
    await scene.daemon.ask('machine.update.pin', { name: 'page', version: null })
  })

  await t.test('versions that are kept', async () => {
    const backups = listOf(await request('GET', '/backups'))
    const backup = backups.find(({ application }) => application === 'page')
    assert.deepEqual(Object.keys(backup ?? {}), ['id', 'install', 'application', 'version', 'title', 'time'])
    assert.equal(backup?.['version'], 'v1.0.0')
    const where = `/backups/${String(backup['id'])}/restore`
    assert.deepEqual(refusalIn(await request('POST', where, { dryrun: 'x' })), [
      'invalid_argument_dryrun',
      'dryrun',
      400,
    ])
    assert.deepEqual(refusalIn(await request('POST', where, { user: 'daemon' })), [
      'invalid_argument_user',
      'user',
      403,
    ])
    assert.equal((await request('POST', where, { dryrun: 'all' })).errcode, 'complete_dryrun')
    assert.equal(dataOf(await request('POST', where, {}))['version'], 'v1.0.0')
    assert.equal(listOf(await request('GET', '/tasks'))[0]?.['cmd'], 'restore')
    assert.deepEqual(refusalIn(await request('POST', '/backups/none/restore', {})), [
      'backup_not_found',
      null,
      404,
    ])
  })

  await t.test('how an application is updated', async () => {
    const set = (name: string, body: object): Promise<Envelope> => request('POST', `/installs/${name}`, body)
    for (const autoup of ['all', 'minor', 'none'])
      assert.equal(dataOf(await set('app', { autoup }))['autoup'], autoup)
    const shared = dataOf(await set('app', { autoup_plugins: 'all', autoup: 'minor' }))
    assert.deepEqual([shared['autoup'], shared['autoup_plugins']], ['minor', 'all'])
    assert.equal(dataOf(await set('plug', { autoup: 'none' }))['autoup'], 'none')
    assert.equal((await appNow(request)).autoup_plugins, 'custom')
    const conflict = (field: string): readonly unknown[] => ['set_in_configuration', field, 409]
    for (const [name, body] of [
      ['page', { autoup: 'all' }],
      ['app', { autoup_themes: 'none' }],
      ['app', { autoup_backup: 'none' }],
      ['app', { notification: ['update', 'update_error'] }],
      ['app', { title: 'Mine' }],
      ['app', { language: 'no' }],
      ['app', { bkloc: 'elsewhere' }],
      ['app', { autobk: 'schedule' }],
    ] as const)
      assert.deepEqual(refusalIn(await set(name, body)), conflict(Object.keys(body)[0] ?? ''), name)
    for (const [body, field] of [
      [{ autoup: 'some' }, 'autoup'],
      [{ notification: ['update', 'elsewhere'] }, 'notification'],
      [{ autoup_backup: 'minor' }, 'autoup_backup'],
    ] as const)
      assert.deepEqual(refusalIn(await set('app', body)), [`invalid_argument_${field}`, field, 400])
    assert.equal((await set('app', { notification: [], autoup_themes: 'all', title: 'app' })).status, 200)
    assert.deepEqual(refusalIn(await set('app', { user: 'daemon', autoup: 'all' })), [
      'invalid_argument_user',
      'user',
      403,
    ])
  })
})

const appNow = async (
  request: ReturnType<typeof asker>,
): Promise<{
  readonly plugins: readonly Data[]
  readonly themes: readonly Data[]
  readonly autoup_plugins: unknown
}> => dataOf(await request('GET', '/installs/app')) as never

test('what goes wrong outside has the code that is documented', async (t) => {
  const tools = await serveForge(t, 'owner/tool', [
    { tag: 'v1.1.0', assets: { tool: foreignProgram() } },
    { tag: 'v1.0.0', assets: { tool: '#!/bin/sh\n' } },
  ])
  const scene = await dialectScene(t, {
    before: (at) => {
      const tool = path.join(at.folder, 'tool')
      installProgram(tool)
      const info = { project_name: 'tool', project_owner: 'owner', version: 'v1.0.0', asset_name: 'tool' }
      writeFileSync(path.join(tool, 'release_info.json'), JSON.stringify(info))
      return {
        main: `[update_manager tool]\ntype: executable\nrepo: owner/tool\npath: ${tool}\nis_system_service: False\n${gitSection('gone', at, 'is_system_service: False')}`,
        own: `[moonkeeper tool]\napi_url: ${tools.url}\n`,
      }
    },
  })
  const request = asker(scene)
  const update = async (name: string, body: object = {}): Promise<readonly unknown[]> =>
    refusalIn(await request('POST', `/installs/${name}/update`, body))

  assert.deepEqual(await update('tool'), ['invalid_argument_version_unmetrequirements', 'version', 400])
  rmSync(path.join(scene.folder, 'gone'), { recursive: true })
  const gone = ['failed_filesystem_directory', null, 500]
  assert.deepEqual(await update('gone'), gone)
  assert.deepEqual(await update('gone', { dryrun: 'all' }), gone)
  scene.forge.fault = { kind: 'status', status: 401 }
  assert.deepEqual(await update('page'), ['failed_filesystem_login', null, 500])
  scene.forge.vanish()
  assert.deepEqual(await update('page'), ['failed_filesystem_host', null, 500])
  const page = dataOf(await request('GET', '/installs/page'))
  assert.equal(page['version'], 'v1.0.0')
  assert.equal((page['failures'] as unknown[]).length, 2)
})

test('a disk that is full, and one that may not be written', async (t) => {
  const full = await dialectScene(t, { own: 'min_free_space: 1000000000\n' })
  for (const dryrun of ['none', 'all']) {
    const reply = await asker(full)('POST', '/installs/app/update', { dryrun })
    assert.deepEqual(refusalIn(reply), ['failed_filesystem_quota', null, 500], dryrun)
  }
  assert.equal(full.head(), 'v1.0.0')
  const readOnly = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
  const locked = await dialectScene(t, {
    under: (folder) => ['unshare', '-m', 'sh', '-c', readOnly, path.join(folder, 'page')],
  })
  for (const dryrun of ['none', 'all']) {
    const reply = await asker(locked)('POST', '/installs/page/update', { dryrun })
    assert.deepEqual(refusalIn(reply), ['failed_filesystem_permission', null, 500], dryrun)
  }
})
