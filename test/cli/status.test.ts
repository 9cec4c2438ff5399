import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../support/folder.js'
import { run } from './fake-io.js'
import { serveUnix } from './fake-server.js'
import type { Handlers } from './fake-server.js'

const git = (name: string, more: object = {}): object => ({
  name,
  configured_type: 'git_repo',
  version: 'v1.0.0-0',
  remote_version: 'v1.0.0-0',
  is_valid: true,
  is_dirty: false,
  corrupt: false,
  commits_behind_count: 0,
  warnings: [],
  anomalies: [],
  ...more,
})

const behind = git('klipper', { remote_version: 'v1.1.0-2', commits_behind_count: 8 })
const dirty = git('edited', {
  is_valid: false,
  is_dirty: true,
  commits_behind_count: 1,
  warnings: ["Repo is dirty.  Detected the following modified files: ['app.py']"],
})
const invalid = git('broken', { is_valid: false, version: '?', warnings: ['Repo is corrupt', 'second'] })
const others = {
  system: { name: 'system', configured_type: 'system', package_count: 3, package_list: ['a', 'b', 'c'] },
  fluidd: { configured_type: 'web', version: 'v1.30.0', remote_version: 'v1.31.0', is_valid: true },
  pyapp: { configured_type: 'python', version: '1.0.0', remote_version: 'v1.0.0', is_valid: true },
  unknown: { configured_type: 'zip', version: 'v1', remote_version: '?', is_valid: true },
}

const answering = (info: object, busy = false): Handlers => ({
  'machine.update.status': (peer) => peer.answer({ busy, version_info: info }),
})

const withStatus = async (
  t: Parameters<typeof temporaryFolder>[0],
  info: object,
  busy = false,
): Promise<{ folder: string; asked: readonly { method: string; params: object }[] }> => {
  const folder = await temporaryFolder(t)
  const { asked } = await serveUnix(t, path.join(folder, 'printer_data'), answering(info, busy))
  return { folder, asked }
}

describe('status', () => {
  it('shows a table of every type of application', async (t) => {
    const { folder } = await withStatus(t, { ...others, klipper: behind, edited: dirty, broken: invalid })
    const { code, out, err } = await run(folder, ['status'])
    assert.equal(code, 0)
    assert.equal(err, '')
    assert.deepEqual(
      out.split('\n').map((line) => line.trimEnd()),
      [
        'APPLICATION  TYPE      VERSION   REMOTE    STATE',
        'system       system    -         -         3 packages to update',
        'fluidd       web       v1.30.0   v1.31.0   update available',
        'pyapp        python    1.0.0     v1.0.0    up to date',
        'unknown      zip       v1        ?         up to date',
        'klipper      git_repo  v1.0.0-0  v1.1.0-2  8 commits behind',
        'edited       git_repo  v1.0.0-0  v1.0.0-0  dirty, 1 commit behind',
        'broken       git_repo  ?         v1.0.0-0  invalid: Repo is corrupt',
        '',
        "edited: Repo is dirty. Detected the following modified files: ['app.py']",
        'broken: second',
        '',
        'Install what is new with `moonkeeper upgrade`, or `moonkeeper upgrade NAME`.',
        '',
      ],
    )
  })

  it('says who it is, and asks once', async (t) => {
    const { folder, asked } = await withStatus(t, {})
    const { out } = await run(folder, ['status'])
    assert.equal(out, 'No applications are known yet.\n')
    assert.deepEqual(
      asked.map(({ method }) => method),
      ['server.connection.identify', 'machine.update.status'],
    )
    assert.deepEqual(asked[0]?.params, {
      client_name: 'moonkeeper-cli',
      version: '1.2.3',
      type: 'other',
      url: 'moonkeeper:cli',
    })
  })

  it('says that an operation is running', async (t) => {
    const { folder } = await withStatus(t, { klipper: behind }, true)
    assert.match((await run(folder, ['status'])).out, /An operation is running/)
  })

  it('cuts a state to the terminal and tells the whole of it below', async (t) => {
    const warning = `No way: ${'long '.repeat(20)}end`
    const { folder } = await withStatus(t, {
      broken: git('broken', { is_valid: false, warnings: [warning] }),
    })
    const { out } = await run(folder, ['status'], { terminal: true, columns: 70 })
    const lines = out.split('\n')
    assert.ok((lines[1] ?? '').length <= 70, lines[1])
    assert.match(lines[1] ?? '', /invalid: No way: .*…$/)
    assert.equal(lines[3], `broken: ${warning}`)
  })

  it('tells the reason of an application that has no warning', async (t) => {
    const diverged = git('diverged', { is_valid: false, anomalies: ['Repo has diverged from remote'] })
    const { folder } = await withStatus(t, { diverged })
    assert.match((await run(folder, ['status'])).out, /invalid: Repo has diverged from remote/)
  })

  it('colours the state only where colours are wanted', async (t) => {
    const { folder } = await withStatus(t, { klipper: behind })
    assert.match((await run(folder, ['status'], { colour: true })).out, /\x1b\[33m8 commits behind\x1b\[0m\n/)
    assert.doesNotMatch((await run(folder, ['status'])).out, /\x1b/)
  })

  it('lets no text of the server reach the terminal as more than text', async (t) => {
    const evil =
      'red\x1b[31m up\x1b[1A title\x1b]0;gotcha\x07 c1\u009b2J bell\x07 zero\u200bwidth back\rwards\u202e'
    const { folder } = await withStatus(t, {
      [`na\x1b[2Jme`]: git('x', { is_valid: false, version: 'v1\n\n2\x1b[H', warnings: [evil] }),
    })
    const { out } = await run(folder, ['status'], { terminal: true, columns: 200 })

    assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]/)
    assert.match(
      out,
      /^name +git_repo +v1 2 +v1\.0\.0-0 +invalid: red up title c1 bell zerowidth back wards$/m,
    )
  })

  it('prints the raw result with --json, with nothing in it lost or dangerous', async (t) => {
    const info = { klipper: git('klipper', { warnings: ['\x1b[2J\u009b2J\u200b<b>\u202e'] }) }
    const { folder } = await withStatus(t, info)
    const { code, out } = await run(folder, ['status', '--json'])
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(out), { busy: false, version_info: info })

    assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]/)
  })
})

describe('status --check', () => {
  const cases: readonly (readonly [string, object, number])[] = [
    ['0 when all is up to date', { app: git('app') }, 0],
    ['10 when updates are available', { app: git('app'), klipper: behind }, 10],
    ['11 when an application is invalid, whatever else there is', { klipper: behind, broken: invalid }, 11],
    ['11 for edited files', { edited: dirty }, 11],
  ]
  for (const [title, info, expected] of cases) {
    it(`exits with ${title}`, async (t) => {
      const { folder } = await withStatus(t, info)
      assert.equal((await run(folder, ['status', '--check'])).code, expected)
      assert.equal((await run(folder, ['status', '--check', '--json'])).code, expected)
      assert.equal((await run(folder, ['status'])).code, 0)
    })
  }
})

describe('refresh', () => {
  const handlers: Handlers = {
    'machine.update.refresh': (peer, { name }) =>
      name === 'x'
        ? peer.refuse(400, "No updater registered for 'x'")
        : peer.answer({ busy: false, version_info: { klipper: behind, app: git('app') } }),
  }

  it('shows all, or the one that was named', async (t) => {
    const folder = await temporaryFolder(t)
    const { asked } = await serveUnix(t, path.join(folder, 'printer_data'), handlers)
    const all = await run(folder, ['refresh'])
    assert.match(all.out, /^klipper .*\napp /m)
    const one = await run(folder, ['refresh', 'app'])
    assert.equal(one.code, 0)
    assert.match(one.out, /^app /m)
    assert.doesNotMatch(one.out, /klipper/)
    const calls = asked.filter(({ method }) => method === 'machine.update.refresh')
    assert.deepEqual(
      calls.map(({ params }) => params),
      [{}, { name: 'app' }],
    )
    assert.deepEqual(
      Object.keys(
        (JSON.parse((await run(folder, ['refresh', '--json'])).out) as { version_info: object }).version_info,
      ),
      ['klipper', 'app'],
    )
  })

  it('exits with 1 when the server refuses', async (t) => {
    const folder = await temporaryFolder(t)
    await serveUnix(t, path.join(folder, 'printer_data'), handlers)
    const { code, out, err } = await run(folder, ['refresh', 'x'])
    assert.deepEqual([code, out, err], [1, '', "moonkeeper: No updater registered for 'x'\n"])
  })
})
