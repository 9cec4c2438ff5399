import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { CliIo } from '../../src/cli/io.js'
import type { Versions } from '../../src/contract/generated/types.js'
import { temporaryFolder } from '../support/folder.js'
import { run, type Ran } from './fake-io.js'
import { serveUnix, type Asked, type Handlers } from './fake-server.js'

const version = (
  number: number,
  change: Partial<Versions['versions'][number]> = {},
): Versions['versions'][number] => ({
  version: `v1.${number}`,
  id: `id${number}`,
  date: 1767225600,
  title: `title\x1b[2J ${number}`,
  current: false,
  kept: false,
  ...change,
})

const running = async (
  t: TestContext,
  handlers: Handlers,
  args: readonly string[],
  overrides: Partial<CliIo> = {},
): Promise<Ran & { readonly asked: readonly Asked[] }> => {
  const folder = await temporaryFolder(t)
  const { asked } = await serveUnix(t, path.join(folder, 'printer_data'), handlers)
  return { ...(await run(folder, args, overrides)), asked }
}

const offering = (
  versions: readonly Versions['versions'][number][],
  pinned: string | null = null,
): Handlers => ({
  'machine.update.versions': (peer, { limit, offset }) => {
    const from = Number(offset)
    const page = versions.slice(from, from + Number(limit))
    peer.answer({ versions: page, total: versions.length, current: 'id2', pinned })
  },
})

describe('versions', () => {
  const some = [
    version(3),
    version(2, { current: true, kept: true }),
    version(1, { kept: true, date: null, title: '' }),
  ]

  it('marks what is installed, pinned and kept', async (t) => {
    const { code, out, err } = await running(t, offering(some, 'id2'), ['versions', 'demo'])
    assert.deepEqual([code, err], [0, ''])
    const day = String.raw`\d{4}-\d\d-\d\d`
    const expected = [
      'VERSION  DATE        STATE                  TITLE',
      String.raw`v1\.3     ${day}  -                      title 3`,
      String.raw`v1\.2     ${day}  current, pinned, kept  title 2`,
      String.raw`v1\.1     -           kept`,
      '',
      String.raw`kept: going back to it needs no network\.`,
      '',
    ]
    assert.match(out, new RegExp(`^${expected.join('\n')}$`))
  })

  it('tells of a pin that is not on the page, and cuts titles for a terminal', async (t) => {
    const long = version(3, { title: 'x'.repeat(200) })
    const { out } = await running(t, offering([long], 'id9'), ['versions', 'demo'], { terminal: true })
    assert.match(out, /\nIt is pinned to id9\.\n$/)
    for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
  })

  it('shows so many, from where it is told', async (t) => {
    const many = Array.from({ length: 250 }, (_, index) => version(index))
    const args = ['versions', 'demo', '-n', '120', '--offset', '10']
    const { out, asked } = await running(t, offering(many), args)
    assert.deepEqual(
      asked.slice(-2).map(({ params }) => params),
      [
        { name: 'demo', limit: 100, offset: 10 },
        { name: 'demo', limit: 20, offset: 110 },
      ],
    )
    assert.match(out, /\n120 more: see them with --offset 130\.\n$/)
    const json = await running(t, offering(some), ['versions', 'demo', '--json'])
    assert.deepEqual(JSON.parse(json.out), { versions: some, total: 3, current: 'id2', pinned: null })
    assert.equal((await running(t, offering([]), ['versions', 'demo'])).out, 'No versions are known.\n')
  })

  it('says what to do about a version that there is not', async (t) => {
    const handlers: Handlers = {
      'machine.update.pin': (peer) => peer.refuse(-32601, "There is no version 'x'", 'unknown_version'),
    }
    const { code, err } = await running(t, handlers, ['pin', 'demo', 'x'])
    assert.equal(code, 1)
    assert.match(
      err,
      /^moonkeeper: There is no version 'x' \[unknown_version\]\n`moonkeeper versions NAME` lists/,
    )
  })
})

describe('pin', () => {
  const handlers: Handlers = {
    'machine.update.pin': (peer, { name, version: asked }) =>
      peer.answer({ name, pinned: asked === null ? null : 'abcdef' }),
  }

  it('pins, and lets go', async (t) => {
    const on = await running(t, handlers, ['pin', 'demo', 'v1.2'])
    assert.deepEqual(on.asked.at(-1)?.params, { name: 'demo', version: 'v1.2' })
    assert.deepEqual([on.code, on.out], [0, 'demo is pinned to v1.2 (abcdef): an upgrade ends there.\n'])
    const off = await running(t, handlers, ['pin', 'demo', '--off'])
    assert.deepEqual(off.asked.at(-1)?.params, { name: 'demo', version: null })
    assert.equal(off.out, 'demo is not pinned: an upgrade takes the newest version.\n')
  })
})
