import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, it } from 'node:test'
import { runCli } from '../../src/cli/index.js'
import { createLog } from '../../src/system/log.js'
import { temporaryFolder } from '../support/folder.js'
import { recordedIo, run } from './fake-io.js'
import { serveUnix, serveWebSocket } from './fake-server.js'
import type { Peer } from './fake-server.js'

const time = String.raw`\d\d:\d\d:\d\d`
const day = String.raw`\d{4}-\d\d-\d\d`

describe('log', () => {
  it('shows what the daemon wrote, for people', async (t) => {
    const folder = await temporaryFolder(t)
    const file = path.join(folder, 'logs', 'moonkeeper.log')
    const log = createLog(file, false)
    log.info({ application: 'demo', job: 7 }, 'Upgrade begins')
    log.error({ err: new Error('no\x1b[2J space'), list: ['a b'] }, 'Upgrade failed')
    const { code, out } = await run(folder, ['log', '-d', '.'])
    assert.equal(code, 0)
    const [first, second, ...rest] = out.split('\n')
    assert.match(first ?? '', new RegExp(`^${day} ${time} info Upgrade begins application=demo job=7$`))
    assert.match(
      second ?? '',
      new RegExp(`^${day} ${time} error Upgrade failed err="no.*space" list=\\["a b"\\]$`),
    )
    assert.doesNotMatch(out, /\x1b/)
    assert.deepEqual(rest, [''])
  })

  it('shows the last 50 lines of a large file, and lines that are no JSON', async (t) => {
    const folder = await temporaryFolder(t)
    await mkdir(path.join(folder, 'logs'))
    const lines = Array.from({ length: 9000 }, (_, index) => `plain\x1b[1A line ${index} ${'.'.repeat(90)}`)
    const file = path.join(folder, 'logs', 'moonkeeper.log')
    await writeFile(file, `${lines.join('\n')}\n`)
    const shown = (await run(folder, ['log', '-d', folder])).out.trimEnd().split('\n')
    assert.equal(shown.length, 50)
    assert.match(shown[0] ?? '', /^plain line 8950 /)
    assert.match(shown[49] ?? '', /^plain line 8999 /)
    const named = await run('/', ['log'], { env: { MOONRAKER_LOG_PATH: file } })
    assert.match(named.out, /plain line 8999/)
  })

  it('says where it looked when there is none', async (t) => {
    const folder = await temporaryFolder(t)
    const { code, err } = await run(folder, ['log'])
    assert.equal(code, 1)
    assert.ok(err.includes(path.join(folder, 'printer_data/logs/moonkeeper.log')), err)
    assert.equal((await run(folder, ['log', '--url', 'http://127.0.0.1'])).code, 2)
  })
})

describe('log -f', () => {
  const busy = {
    busy: false,
    version_info: { demo: { configured_type: 'git_repo', is_valid: true, commits_behind_count: 2 } },
  }
  const news = (peer: Peer): void => {
    peer.answer({ connection_id: 1 })
    // In a later turn: the client listens only when it knows that it was let in.
    setTimeout(() => {
      peer.line('Updating\x1b[2J Application\ndemo...', 'demo')
      peer.notify('notify_proc_stat_update', {})
      peer.notify('notify_update_refreshed', busy)
      peer.notify('notify_update_refreshed', { busy: false, version_info: {} })
    }, 20)
  }

  it('prints what goes on until it is interrupted', async (t) => {
    const folder = await temporaryFolder(t)
    const { socket } = await serveUnix(t, folder, { 'server.connection.identify': news })
    const recorded = recordedIo(folder)
    const running = runCli(['log', '-f', '-u', socket], recorded.io)
    await recorded.shows('everything is up to date\n')
    recorded.interrupt()
    assert.equal(await running, 130)
    assert.match(
      recorded.out(),
      new RegExp(
        `^${time}  demo: Updating Application demo\\.\\.\\.\n` +
          `${time}  status: demo: 2 commits behind\n${time}  status: everything is up to date\n$`,
      ),
    )
  })

  it('exits with 3 when the server ends', async (t) => {
    const { url } = await serveWebSocket(t, {
      'server.connection.identify': (peer) => {
        peer.answer({})
        setTimeout(() => peer.hangUp(), 20)
      },
    })
    const { code, err } = await run('/', ['log', '--follow', '--url', url])
    assert.equal(code, 3)
    assert.match(err, /ended/)
  })
})
