import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { commands } from '../../src/cli/commands/index.js'
import { exitCodes } from '../../src/cli/io.js'
import { fit, printable, widthOf } from '../../src/cli/terminal-text.js'
import { temporaryFolder } from '../support/folder.js'
import { run } from './fake-io.js'
import { serveUnix } from './fake-server.js'

const nowhere = '/nonexistent'

describe('help', () => {
  it('names every command and every exit code', async () => {
    for (const args of [['help'], ['--help'], ['-h'], ['help', 'help']]) {
      const { code, out, err } = await run(nowhere, args)
      assert.deepEqual([code, err], [0, ''])
      for (const { usage } of commands.values()) assert.ok(out.includes(`  ${usage} `), usage)
      for (const exit of Object.values(exitCodes)) assert.match(out, new RegExp(`^  ${exit} +\\S`, 'm'))
    }
  })

  it('tells about one command', async () => {
    for (const [name, { usage, summary }] of commands) {
      for (const args of [
        ['help', name],
        [name, '--help'],
        [name, '-h'],
      ]) {
        const { code, out } = await run(nowhere, args)
        assert.equal(code, 0)
        assert.ok(out.startsWith(`Usage: moonkeeper ${usage}\n\n${summary}\n`), out)
      }
    }
  })
})

describe('commands', () => {
  it('are the files of their folder', () => {
    const folder = path.resolve(import.meta.dirname, '../../../../src/cli/commands')
    const files = readdirSync(folder).map((name) => path.basename(name, '.ts'))
    const shared = ['index', 'operate']
    assert.deepEqual(files.filter((name) => !shared.includes(name)).sort(), [...commands.keys()].sort())
  })
})

describe('wrong usage', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /What is to be done\?\nSee `moonkeeper help`/],
    [['frobnicate'], /There is no command 'frobnicate'.*status, refresh/],
    [['help', 'frobnicate'], /There is no command/],
    [['help', 'status', 'more'], /'more'/],
    [['status', '--frobnicate'], /Unknown option '--frobnicate'\.\nSee/],
    [['status', '-x'], /Unknown option '-x'\.\nSee/],
    [['status', '--hard'], /status does not take --hard\.\nSee `moonkeeper help status`/],
    [['status', 'extra'], /status does not know what to do with 'extra'/],
    [['status', '--check=yes'], /does not take an argument/],
    [['status', '-d'], /argument missing/],
    [['upgrade', 'a', 'b', '--version', 'v1'], /--version goes with the NAME of one/],
    [['upgrade', '--version', 'v1'], /--version goes with the NAME of one/],
    [['upgrade', 'a', '--when', 'later'], /--when is one of idle, window, not 'later'/],
    [['upgrade', 'a', '--plan-hash='], /the hash that a plan ends with/],
    [['upgrade', 'a', '--hard'], /upgrade does not take --hard/],
    [['upgrade', '--image', '3', '--version', 'v1'], /--version/],
    [['upgrade', 'a', '--image', '3', '--version', 'v1'], /an image has its versions/],
    [['image', 'frobnicate'], /build, sign, verify, not 'frobnicate'/],
    [['image', 'build', 'a'], /image build NAME\.\.\. -o FILE/],
    [['image', 'build', '-o', 'x'], /image build NAME\.\.\. -o FILE/],
    [['image', 'build', 'a', '-o', 'x', '-k', 'y'], /does not take --public-key/],
    [['image', 'sign'], /takes one file/],
    [['image', 'sign', 'a', 'b', '-s', 'k'], /takes one file/],
    [['image', 'sign', 'a', '-k', 'y'], /image sign does not take --public-key/],
    [['image', 'sign', 'a'], /Name the secret key: -s FILE/],
    [['image', 'sign', 'a', '-s', 'nothing'], /cannot be read from/],
    [['image', 'verify', 'a', '-s', 'k'], /image verify does not take --secret-key/],
    [['rollback', 'a', 'b'], /'b'/],
    [['recover', 'a', '--version', 'v1'], /recover does not take --version/],
    [['plan', '--goal', 'destroy'], /--goal is one of upgrade, rollback, recover, not 'destroy'/],
    [['plan', 'a', '--hard'], /--hard goes with --goal recover/],
    [['plan', 'a', '--goal', 'recover', '--version', 'v1'], /takes no --version/],
    [['plan', 'a', 'b', '--version', 'v1'], /--version goes with the NAME of one/],
    [['versions'], /Something is missing: moonkeeper versions NAME/],
    [['versions', 'a', '-n', '0'], /how many entries to show, not '0'/],
    [['versions', 'a', '--offset=-1'], /how many entries to leave out, not '-1'/],
    [['pin', 'a'], /either a VERSION or --off/],
    [['pin', 'a', 'v1', '--off'], /either a VERSION or --off/],
    [['jobs', '--state', 'lost'], /--state is one of queued, .*not 'lost'/],
    [['jobs', 'get'], /Which job\?/],
    [['jobs', 'drop', '1'], /jobs knows get, start, cancel, not 'drop'/],
    [['jobs', 'get', '1', '-n', '2'], /jobs get does not take --count/],
    [['log', '1'], /log takes a job only with -f/],
    [['upgrade', ''], /empty/],
    [['recover'], /Something is missing: moonkeeper recover NAME/],
    [['rollback'], /Something is missing/],
    [['call'], /Something is missing/],
    [['call', 'x', '{oops'], /not JSON/],
    [['call', 'x', '[1]'], /must be a JSON object/],
    [['-d', '/tmp', 'serve'], /serve must be the first argument/],
  ]
  for (const [args, expected] of cases) {
    it(`is refused: moonkeeper ${args.join(' ')}`, async () => {
      const { code, out, err } = await run(nowhere, args)
      assert.deepEqual([code, out], [2, ''])
      assert.match(err, expected)
    })
  }
})

describe('call', () => {
  it('sends the parameters and prints the result', async (t) => {
    const folder = await temporaryFolder(t)
    const { asked, socket } = await serveUnix(t, folder, {
      echo: (peer, params) => peer.answer({ params, odd: '\u009b' }),
      nothing: (peer) => peer.answer(null),
      no: (peer) => peer.refuse(503, 'Server is\x1b[2J busy'),
    })
    const { code, out } = await run(folder, ['call', 'echo', '{"a": [1, null]}', '-u', socket])
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(out), { params: { a: [1, null] }, odd: '\u009b' })
    assert.ok(out.includes('\\u009b'))
    assert.deepEqual(asked.at(-1), { method: 'echo', params: { a: [1, null] } })
    assert.deepEqual(await run(folder, ['call', 'nothing', '-u', socket]), {
      code: 0,
      out: 'null\n',
      err: '',
    })
    const refused = await run(folder, ['call', 'no', '-u', socket])
    assert.deepEqual(refused, { code: 1, out: '', err: 'moonkeeper: Server is busy\n' })
  })
})

describe('text for a terminal', () => {
  it('has no control characters but line feeds', () => {
    const all = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).join('x')

    assert.doesNotMatch(printable(all), /[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
    assert.equal(printable('a\x1b]8;;http://x\x07link\x1b]8;;\x07\r\nb\u2028c\td'), 'alink\nb\nc d')
    assert.equal(printable('ä 漢 🌙'), 'ä 漢 🌙')
  })

  it('is measured in columns', () => {
    assert.equal(widthOf('a漢🌙e\u0301'), 6)
    assert.equal(fit('漢漢漢', 6), '漢漢漢')
    assert.equal(fit('漢漢漢', 5), '漢漢…')
    assert.equal(fit('abc', 2), 'a…')
  })
})
