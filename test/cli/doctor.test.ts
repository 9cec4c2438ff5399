import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import type { DoctorFinding, DoctorReport } from '../../src/contract/generated/types.js'
import { temporaryFolder } from '../support/folder.js'
import { run } from './fake-io.js'
import { serveUnix, serveWebSocket, type Handlers } from './fake-server.js'

const finding = (more: Partial<DoctorFinding> = {}): DoctorFinding => ({
  code: 'git_lock_stale',
  check: 'git_locks',
  about: '/home/pi/app/.git/index.lock',
  cause: 'A git that was killed left its \u001b[31mlock',
  repair: 'rm it',
  fixable: true,
  fixed: null,
  error: null,
  ...more,
})

const reportOf = (...findings: readonly DoctorFinding[]): DoctorReport => ({
  healthy: findings.every(({ fixed }) => fixed === true),
  findings: [...findings],
  checks: [
    { name: 'clock', state: 'good', text: '' },
    { name: 'dns', state: 'good', text: '' },
    { name: 'forge', state: 'unknown', text: 'Nobody\nanswers' },
  ],
})

const answering = (report: DoctorReport): Handlers => ({
  'machine.update.doctor': (peer) => peer.answer(report),
})

const withReport = async (
  t: Parameters<typeof temporaryFolder>[0],
  report: DoctorReport,
): Promise<{ folder: string; asked: readonly { method: string; params: object }[] }> => {
  const folder = await temporaryFolder(t)
  return { folder, ...(await serveUnix(t, path.join(folder, 'printer_data'), answering(report))) }
}

describe('doctor', () => {
  it('tells what is wrong, what to do, what is good and what is not known, and exits with 12', async (t) => {
    const denied = finding({ code: 'polkit_denied', cause: 'polkit does not let us', fixable: false })
    const { folder, asked } = await withReport(t, reportOf(finding(), denied))
    const { code, out, err } = await run(folder, ['doctor'])
    assert.equal(
      out,
      'git_lock_stale: A git that was killed left its lock.\n    rm it\n    `moonkeeper doctor --fix` does that.\n\n' +
        'polkit_denied: polkit does not let us.\n    rm it\n\n' +
        'Good: clock, dns\nNot known: forge (Nobody answers)\n',
    )
    assert.deepEqual([code, err], [12, ''])
    assert.deepEqual(asked.at(-1), { method: 'machine.update.doctor', params: {} })
  })

  it('tells what was repaired, and what could not be', async (t) => {
    const report = reportOf(
      finding({ fixed: true }),
      finding({ cause: 'x', fixed: false, error: 'A git works there' }),
    )
    const { folder, asked } = await withReport(t, report)
    const { code, out } = await run(folder, ['doctor', '--fix'])
    assert.match(out, /lock\.\n {4}rm it\n {4}Repaired\.\n/)
    assert.match(out, /It could not be repaired: A git works there\n/)
    assert.equal(code, 12)
    assert.deepEqual(asked.at(-1)?.params, { fix: true })
  })

  it('exits with 0 when nothing is wrong, or all of it was repaired', async (t) => {
    for (const report of [reportOf(), reportOf(finding({ fixed: true }))]) {
      const { folder } = await withReport(t, report)
      assert.equal((await run(folder, ['doctor', '--fix'])).code, 0)
    }
  })

  it('prints what was found as JSON', async (t) => {
    const report = reportOf(finding())
    const { folder } = await withReport(t, report)
    const { code, out } = await run(folder, ['doctor', '--json'])
    assert.deepEqual(JSON.parse(out), report)
    assert.doesNotMatch(out, /\u001b/)
    assert.equal(code, 12)
  })

  it('tells why a server refuses', async (t) => {
    const folder = await temporaryFolder(t)
    await serveUnix(t, path.join(folder, 'printer_data'), {
      'machine.update.doctor': (peer) => peer.refuse(503, 'Something is being updated', 'busy'),
    })
    const { code, err } = await run(folder, ['doctor', '--fix'])
    assert.deepEqual([code, err], [1, 'moonkeeper: Something is being updated [busy]\n'])
  })

  it('looks at no other machine from here', async (t) => {
    const folder = await temporaryFolder(t)
    const { code, err } = await run(folder, ['doctor', '--url', 'http://127.0.0.1:1'])
    assert.equal(code, 3)
    assert.match(err, /127\.0\.0\.1:1/)
    const { url } = await serveWebSocket(t, answering(reportOf()))
    assert.equal((await run(folder, ['doctor', '--url', url])).code, 0)
  })

  it('looks from here when no server answers, also when the configuration cannot be read', async (t) => {
    const folder = await temporaryFolder(t)
    const data = path.join(folder, 'printer_data')
    mkdirSync(path.join(data, 'config'), { recursive: true })
    const file = path.join(data, 'config/moonraker.conf')
    writeFileSync(file, '[server\n')
    const env = {
      PATH: process.env['PATH'],
      GITHUB_API_URL: 'http://127.0.0.1:1',
      DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent/bus',
    }
    const { code, out } = await run(folder, ['doctor', '--json'], { env })
    assert.equal(code, 12)
    const report = JSON.parse(out) as DoctorReport
    assert.deepEqual(
      report.findings.slice(0, 2).map((one) => [one.code, one.about]),
      [
        ['server_not_running', ''],
        ['configuration_unusable', file],
      ],
    )
    assert.equal(report.healthy, false)
    assert.ok(report.findings.some((one) => one.code === 'forge_unreachable'))
    assert.equal(report.checks.length, 11)
  })
})
