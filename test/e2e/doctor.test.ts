import assert from 'node:assert/strict'
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import type { DoctorReport } from '../../src/contract/generated/types.js'
import { lockDataFolder } from '../../src/system/data-lock.js'
import { systemFiles } from '../../src/system/files.js'
import { toys } from '../support/apt-root.js'
import { runClientWith } from '../support/client.js'
import type { Daemon } from '../support/daemon.js'
import { FakeKlippy } from '../support/klippy.js'
import { checkoutAt, makeUpstream } from '../support/repositories.js'
import { snapshot } from '../support/snapshot.js'
import { jobWhen, kill, systemMachine, type SystemMachine } from '../support/system-machine.js'
import { serveWeb } from '../support/web-server.js'
import { temporaryFolder } from '../support/folder.js'

interface Clinic extends SystemMachine {
  readonly daemon: Daemon
  readonly app: string
  readonly lock: string
  readonly data: string
  /** Where Klipper would be. */
  readonly socket: string
  /** A git that was killed an hour ago, and a dpkg that was interrupted. */
  readonly hurt: () => Promise<void>
  readonly doctor: (
    ...args: readonly string[]
  ) => Promise<{ readonly code: number | null; readonly report: DoctorReport; readonly err: string }>
}

/** The built daemon on a machine with toys for packages, an application, and a forge. */
const clinic = async (t: TestContext): Promise<Clinic> => {
  const folder = await temporaryFolder(t)
  const upstream = makeUpstream(folder)
  const app = path.join(folder, 'app')
  checkoutAt(upstream, app, 'v1.0.0')
  const forge = await serveWeb(t, (_, response) => response.end('{}'))
  const section = ['[update_manager app]', 'type: git_repo', `path: ${app}`, `origin: ${upstream.url}`]
  const lines = ['enable_packagekit: False', ...section, 'primary_branch: master', 'is_system_service: False']
  const machine = await systemMachine(t, toys('1.0', 'toy-a'), [], lines)
  const env = { GITHUB_API_URL: forge }
  const daemon = await machine.start(env)
  const data = path.join(machine.apt.folder, 'data')
  const lock = path.join(app, '.git/index.lock')
  return {
    ...machine,
    daemon,
    app,
    lock,
    data,
    socket: path.join(machine.apt.folder, 'no-klipper'),
    hurt: async () => {
      await machine.apt.dpkgUnpack(toys('1.1', 'toy-a'))
      writeFileSync(lock, '')
      const anHourAgo = new Date(Date.now() - 3_600_000)
      utimesSync(lock, anHourAgo, anHourAgo)
    },
    doctor: async (...args) => {
      const { code, out, err } = await runClientWith(
        { ...machine.apt.env, ...env },
        ...['doctor', '--json', '-d', data, ...args],
      )
      const report = (out === '' ? null : JSON.parse(out)) as DoctorReport
      return { code, report, err }
    },
  }
}

const codesIn = ({ findings }: DoctorReport): readonly (readonly [string, boolean | null])[] =>
  findings.map(({ code, fixed }) => [code, fixed])

test('it looks and changes nothing; it repairs what is safe, and changes nothing else', async (t) => {
  const { apt, app, lock, doctor, hurt, daemon } = await clinic(t)
  const first = await doctor()
  assert.deepEqual([first.code, first.report.findings], [0, []], JSON.stringify(first))
  const healthy = snapshot(app)
  await hurt()
  const sick = [snapshot(app), await apt.packages()]
  const looked = await doctor()
  assert.equal(looked.code, 12)
  assert.deepEqual(codesIn(looked.report), [
    ['packages_half_configured', null],
    ['git_lock_stale', null],
  ])
  assert.deepEqual([snapshot(app), await apt.packages()], sick)
  const repaired = await doctor('--fix')
  assert.deepEqual([repaired.code, repaired.report.healthy], [0, true], JSON.stringify(repaired))
  assert.deepEqual(codesIn(repaired.report), [
    ['packages_half_configured', true],
    ['git_lock_stale', true],
  ])
  assert.equal(existsSync(lock), false)
  assert.deepEqual(snapshot(app), healthy)
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1' })
  const job = await jobWhen(daemon, ({ asked_by: asker }) => asker === 'doctor')
  assert.deepEqual([job.goal, job.state, job.applications[0]?.name], ['recover', 'done', 'system'])
  assert.equal((await doctor()).code, 0)
})

test('nothing is repaired under a print', async (t) => {
  const { doctor, hurt, lock, socket, daemon } = await clinic(t)
  await hurt()
  const klippy = new FakeKlippy(socket)
  klippy.set('print_stats', { state: 'printing' })
  await klippy.listen()
  t.after(() => klippy.close())
  const isReady = ({ result }: { readonly result?: unknown }): boolean =>
    (result as { readonly klippy_state?: string } | undefined)?.klippy_state === 'ready'
  await daemon.askUntil('server.info', isReady)
  const refused = await doctor('--fix')
  assert.equal(refused.code, 1)
  assert.match(refused.err, /Klippy is printing \[recovery_while_printing\]/)
  assert.ok(existsSync(lock))
  assert.equal((await doctor()).code, 12)
})

test('without a server it looks from here, and removes locks where nobody works', async (t) => {
  const { apt, app, doctor, hurt, lock, data, socket, daemon } = await clinic(t)
  await kill(daemon)
  await hurt()
  const looked = await doctor()
  assert.equal(looked.code, 12)
  assert.deepEqual(codesIn(looked.report), [
    ['server_not_running', null],
    ['packages_half_configured', null],
    ['git_lock_stale', null],
  ])
  const unlock = await lockDataFolder(path.join(data, 'moonkeeper'), process.pid, systemFiles)
  const kept = await doctor('--fix')
  assert.match(kept.report.findings.at(-1)?.error ?? '', /Another Moonkeeper \(process \d+\) serves/)
  await unlock()
  const klippy = new FakeKlippy(socket)
  klippy.set('print_stats', { state: 'printing' })
  await klippy.listen()
  const printing = await doctor('--fix')
  assert.match(printing.report.findings.at(-1)?.error ?? '', /Klipper prints/)
  await klippy.close()
  assert.ok(existsSync(lock))
  const before = snapshot(app)
  const repaired = await doctor('--fix')
  assert.equal(repaired.code, 12, 'the server still does not run')
  assert.deepEqual(codesIn(repaired.report), [
    ['server_not_running', null],
    ['packages_half_configured', null],
    ['git_lock_stale', true],
  ])
  const { '.git/index.lock': held, ...rest } = before
  assert.ok(held)
  assert.deepEqual(snapshot(app), rest)
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1 unpacked' })
})

test('a folder that is not there is no reason to fail', async (t) => {
  const folder = await temporaryFolder(t)
  mkdirSync(path.join(folder, 'empty'))
  const { code, out } = await runClientWith({}, 'doctor', '--json', '-d', path.join(folder, 'nowhere'))
  assert.equal(code, 12)
  const { findings } = JSON.parse(out) as DoctorReport
  assert.deepEqual(
    findings.slice(0, 2).map((one) => one.code),
    ['server_not_running', 'configuration_unusable'],
  )
})
