import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { History } from '../../src/engine/history.js'
import { systemFiles } from '../../src/system/files.js'
import { temporaryFolder } from '../support/folder.js'
import { historyEntry } from '../support/history.js'
import { silentLog } from '../support/surroundings.js'
import { run, type Ran } from './fake-io.js'
import { serveUnix, type Asked } from './fake-server.js'

type Context = Parameters<typeof temporaryFolder>[0]

const entries = [
  historyEntry(3, {
    goal: 'rollback',
    to: null,
    outcome: 'needs_person',
    message: 'The\ndisk\x1b[2J is gone.',
  }),
  historyEntry(2, { application: 'klipper', asked_by: 'moonkeeper-cli', from: '' }),
  historyEntry(1, { outcome: 'failed', message: 'No space.', code: 'command_failed' }),
]

/** A server with these entries, newest first. */
const withHistory = async (
  t: Context,
  kept: readonly unknown[],
): Promise<{ readonly folder: string; readonly asked: readonly Asked[] }> => {
  const folder = await temporaryFolder(t)
  const { asked } = await serveUnix(t, path.join(folder, 'printer_data'), {
    'machine.update.history': (peer, { limit, offset }) => {
      const from = Number(offset)
      peer.answer({ entries: kept.slice(from, from + Number(limit)), total: kept.length })
    },
  })
  return { folder, asked }
}

const questions = (asked: readonly Asked[]): readonly object[] =>
  asked.filter(({ method }) => method === 'machine.update.history').map(({ params }) => params)

describe('history', () => {
  it('shows what was done, and why something was not', async (t) => {
    const { folder, asked } = await withHistory(t, entries)
    const { code, out, err } = await run(folder, ['history'])
    assert.deepEqual([code, err], [0, ''])
    const day = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`
    const expected = [
      String.raw`WHEN {17}APPLICATION  GOAL      VERSIONS          OUTCOME       WHO`,
      String.raw`${day}  demo-app     rollback  v1\.3\.0 -> \?       needs person  websocket`,
      String.raw`${day}  klipper      upgrade   - -> v1\.3\.0       done          moonkeeper-cli`,
      String.raw`${day}  demo-app     upgrade   v1\.1\.0 -> v1\.2\.0  failed        websocket`,
      '',
      String.raw`${day} demo-app: The disk is gone\.`,
      String.raw`${day} demo-app: No space\.`,
      '',
    ]
    assert.match(out, new RegExp(`^${expected.join('\n')}$`))
    assert.deepEqual(questions(asked), [{ limit: 20, offset: 0 }])
  })

  it('shows one application, and so many entries', async (t) => {
    const many = Array.from({ length: 250 }, (_, index) => historyEntry(250 - index))
    const { folder, asked } = await withHistory(t, many)
    const { out } = await run(folder, ['history', 'demo-app', '-n', '130'])
    const lines = out.trimEnd().split('\n')
    assert.equal(lines.length, 1 + 130 + 2)
    assert.equal(lines.at(-1), '120 more: see them with -n 250.')
    assert.deepEqual(questions(asked), [
      { name: 'demo-app', limit: 100, offset: 0 },
      { name: 'demo-app', limit: 30, offset: 100 },
    ])
    const whole = await run(folder, ['history', '--count', '1000', '--json'])
    assert.deepEqual(JSON.parse(whole.out), { entries: many, total: 250 })
  })

  it('says that there is nothing', async (t) => {
    const { folder } = await withHistory(t, [])
    assert.deepEqual(await run(folder, ['history']), { code: 0, out: 'Nothing was done yet.\n', err: '' })
  })

  for (const count of ['0', '-1', 'x', '1.5', ''])
    it(`refuses -n ${count}`, async () => {
      const { code, err } = await run('/nonexistent', ['history', `--count=${count}`])
      assert.equal(code, 2)
      assert.match(err, /how many entries/)
    })
})

/** A data folder with a history of three entries. */
const withFiles = async (
  t: Context,
  where = 'printer_data/moonkeeper',
): Promise<{ readonly home: string; readonly folder: string; readonly file: string }> => {
  const home = await temporaryFolder(t)
  const folder = path.join(home, where)
  mkdirSync(folder, { recursive: true })
  const history = new History(folder, systemFiles, silentLog)
  await history.open()
  for (const number of [1, 2, 3]) await history.append(historyEntry(number))
  return { home, folder, file: path.join(folder, 'history.jsonl') }
}

const configure = (home: string, text: string): void => {
  mkdirSync(path.join(home, 'printer_data/config'), { recursive: true })
  writeFileSync(path.join(home, 'printer_data/config/moonraker.conf'), text)
}

const edit = (file: string): void =>
  writeFileSync(file, readFileSync(file, 'utf8').replace('v1.2.0', 'v9.9.9'))

describe('history verify', () => {
  const verify = (home: string, ...more: string[]): Promise<Ran> => run(home, ['history', 'verify', ...more])

  it('needs no server', async (t) => {
    const { home, folder, file } = await withFiles(t)
    configure(home, '[server]\n')
    const well = `${folder}: 3 entries, none was changed, none is missing.\n`
    assert.deepEqual(await verify(home), { code: 0, out: well, err: '' })
    assert.deepEqual(await verify('/', '-d', path.join(home, 'printer_data')), {
      code: 0,
      out: well,
      err: '',
    })
    edit(file)
    const { code, out } = await verify(home)
    assert.equal(code, 1)
    assert.match(out, /: Line 1 was changed after it was written, or line 2 was/)
  })

  it('prints JSON', async (t) => {
    const { home, folder, file } = await withFiles(t)
    configure(home, '[server]\n')
    const well = await verify(home, '--json')
    assert.deepEqual([well.code, JSON.parse(well.out)], [0, { folder, ok: true, entries: 3, problem: null }])
    appendFileSync(file, 'more\n')
    const ill = await verify(home, '--json')
    const { problem } = JSON.parse(ill.out) as { problem: { line: number } }
    assert.deepEqual([ill.code, problem.line], [1, 4])
  })

  it('looks where the configuration says', async (t) => {
    const { home, folder, file } = await withFiles(t, 'elsewhere')
    configure(home, `[server]\n[moonkeeper]\ndata: ${folder}\n`)
    assert.equal((await verify(home)).out, `${folder}: 3 entries, none was changed, none is missing.\n`)
    edit(file)
    assert.equal((await verify(home)).code, 1)
    const config = path.join(home, 'printer_data/config/moonraker.conf')
    const named = await run('/', ['history', 'verify'], { env: { MOONRAKER_CONFIG_PATH: config } })
    assert.deepEqual([named.code, named.err], [1, ''])
  })

  it('says so when the configuration cannot be read, and looks in the usual place', async (t) => {
    const { home, folder } = await withFiles(t)
    configure(home, 'oops\n')
    const { code, out, err } = await verify(home)
    assert.equal(code, 0)
    assert.match(out, /: 3 entries/)
    assert.ok(err.startsWith(`The configuration cannot be read, so this is about ${folder}. `), err)
  })

  it('does not take a wrong folder for a history without a fault', async (t) => {
    const { home, folder } = await withFiles(t)
    rmSync(folder, { recursive: true })
    const { code, err } = await verify(home)
    assert.equal(code, 1)
    assert.ok(err.includes(`There is no folder ${folder}. Name the data folder with -d.`), err)
  })

  it('takes nothing that makes no sense', async () => {
    for (const more of [
      ['--url', 'http://127.0.0.1'],
      ['-u', '/x'],
      ['-n', '3'],
    ])
      assert.equal((await verify('/nonexistent', ...more)).code, 2)
  })
})
