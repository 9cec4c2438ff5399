import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { toys, type ToyPackage } from '../support/apt-root.js'
import { temporaryFolder } from '../support/folder.js'
import {
  gateIn,
  jobWhen,
  kill,
  killPackageTools,
  planOf,
  release,
  saidBy,
  systemMachine,
  systemOf,
  untilSaid,
  upgrade,
} from '../support/system-machine.js'

const old = toys('1.0', 'toy-a', 'toy-b', 'toy-c')
const newer = toys('1.1', 'toy-a', 'toy-b', 'toy-c')

test('the packages are shown, planned and upgraded', async (t) => {
  const { apt, start } = await systemMachine(t, old, newer)
  const daemon = await start()
  const status = await systemOf(daemon)
  assert.deepEqual(
    [status.package_count, status.package_list, status.provider, status.is_valid, status.warnings],
    [3, ['toy-a', 'toy-b', 'toy-c'], 'apt', true, []],
  )
  const plan = await planOf(daemon)
  const [system] = plan.applications
  assert.deepEqual(
    system?.packages.upgrade.map(({ name, from, to, origin }) => [name, from, to, origin]),
    ['toy-a', 'toy-b', 'toy-c'].map((name) => [name, '1.0', '1.1', 'Toys:stable']),
  )
  assert.deepEqual([plan.reversible, plan.needs_plan_hash], [false, []])
  assert.deepEqual((await daemon.ask('machine.update.system'))?.result, 'ok')
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-b': '1.1', 'toy-c': '1.1' })
  assert.equal((await systemOf(daemon)).package_count, 0)
  const job = await jobWhen(daemon, ({ state }) => state === 'done')
  assert.deepEqual(job.applications, [
    { name: 'system', from: '3 packages behind', to: 'up to date', outcome: 'done' },
  ])
  const said = await saidBy(daemon, job.id)
  assert.match(said, /^Updating packages\.\.\.\n/)
  assert.match(said, /\nSetting up toy-b \(1\.1\) \.\.\.\n/)
  assert.match(said, /\nPackage update finished\.\.\.$/)
})

const conflicting: readonly ToyPackage[] = [
  { name: 'toy-a', version: '1.1' },
  { name: 'toy-c', version: '1.1', fields: ['Conflicts: toy-b'] },
]

test('what would remove a package is refused, unless its plan was seen', async (t) => {
  const { apt, start } = await systemMachine(t, old, conflicting)
  const daemon = await start()
  const refused = await daemon.ask('machine.update.system')
  assert.match(refused?.error?.message ?? '', /system: packages would be removed: toy-b/)
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.0', 'toy-b': '1.0', 'toy-c': '1.0' })
  const careful = await upgrade(daemon, { version: 'without-removals' })
  await jobWhen(daemon, ({ id, state }) => id === careful.id && state === 'done')
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-b': '1.0', 'toy-c': '1.0' })
  const plan = await planOf(daemon)
  assert.deepEqual(plan.applications[0]?.packages.remove, [{ name: 'toy-b', from: '1.0', to: null }])
  const agreed = await upgrade(daemon, { plan_hash: plan.hash })
  await jobWhen(daemon, ({ id, state }) => id === agreed.id && state === 'done')
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-c': '1.1' })
})

test('it cannot be rolled back, and only a hard recovery is one', async (t) => {
  const { start } = await systemMachine(t, old, newer)
  const daemon = await start()
  const messageOf = async (method: string, params: object): Promise<string> =>
    (await daemon.ask(method, params))?.error?.message ?? 'done'
  const system = { name: 'system' }
  assert.equal(await messageOf('machine.update.recover', system), 'Updater system is not a Git Repo Type')
  assert.equal(await messageOf('machine.update.rollback', system), 'Rollback not available for system')
  assert.equal(await messageOf('machine.update.recover', { ...system, hard: true }), 'done')
})

const interrupted = async (t: TestContext, code = 0) => {
  const gate = gateIn(await temporaryFolder(t), code)
  const machine = await systemMachine(t, old, [
    ...toys('1.1', 'toy-a', 'toy-c'),
    { name: 'toy-b', version: '1.1', script: gate.script },
  ])
  const daemon = await machine.start()
  const job = await upgrade(daemon)
  const handle = await gate.begun()
  await jobWhen(daemon, ({ id, stage }) => id === job.id && stage === 'system: install packages')
  await kill(daemon)
  return { ...machine, job, gate, handle }
}

test('killed in the middle: the transaction goes on, and the next start tells how it ended', async (t) => {
  const { apt, start, job, handle } = await interrupted(t)
  const next = await start({}, false)
  const running = await jobWhen(next, ({ id }) => id === job.id)
  assert.equal(running.state, 'running')
  const busy = await next.askUntil('machine.update.status', (answer) =>
    JSON.stringify(answer).includes('"busy":true'),
  )
  assert.ok(busy)
  await untilSaid(next, job.id, 'waiting until it is done')
  await release(handle, 'on')
  const { state, error } = await jobWhen(next, ({ id, ended_at: ended }) => id === job.id && ended !== null)
  assert.deepEqual([state, error], ['done', null])
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-b': '1.1', 'toy-c': '1.1' })
  assert.equal((await systemOf(next)).package_count, 0)
  assert.match(
    await saidBy(next, job.id),
    /Packages are in use by (?:apt-get|dpkg) \(process \d+\): waiting.*All 3 packages were changed/s,
  )
})

test('a power cut in the middle: the next start mends what is half installed, and says what is new', async (t) => {
  const { apt, start, job, gate, handle } = await interrupted(t)
  assert.ok((await killPackageTools(apt)).length >= 3)
  await handle.close()
  assert.match(JSON.stringify(await apt.packages()), /half-configured|unpacked/)
  const next = await start({}, false)
  await release(await gate.begun(), 'again')
  const { state, error } = await jobWhen(next, ({ id, ended_at: ended }) => id === job.id && ended !== null)
  assert.deepEqual([state, error], ['done', null])
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-b': '1.1', 'toy-c': '1.1' })
  assert.equal((await systemOf(next)).package_count, 0)
})

test('what was half installed before it started is mended, as a job that people see', async (t) => {
  const { apt, start } = await systemMachine(t, old, newer)
  await apt.dpkgUnpack([{ name: 'toy-b', version: '1.1' }])
  assert.equal((await apt.packages())['toy-b'], '1.1 unpacked')
  const daemon = await start({}, false)
  const job = await jobWhen(daemon, ({ goal, ended_at: ended }) => goal === 'recover' && ended !== null)
  assert.deepEqual([job.state, job.asked_by, job.error], ['done', 'start', null])
  assert.match(await saidBy(daemon, job.id), /Setting up toy-b \(1\.1\) \.\.\./)
  assert.equal((await apt.packages())['toy-b'], '1.1')
  const again = await systemOf(daemon)
  assert.deepEqual([again.is_valid, again.warnings], [true, []])
})

test('a package whose script fails is named, and what is half installed needs somebody', async (t) => {
  const { apt, start } = await systemMachine(t, old, [
    ...toys('1.1', 'toy-a', 'toy-c'),
    { name: 'toy-b', version: '1.1', script: 'echo no way >&2; exit 3' },
  ])
  const daemon = await start()
  const job = await upgrade(daemon)
  const { state, error } = await jobWhen(daemon, ({ id, ended_at: ended }) => id === job.id && ended !== null)
  assert.equal(state, 'needs_person')
  assert.match(error?.message ?? '', /toy-b .*post-installation script.*exit status 3/)
  assert.match(await saidBy(daemon, job.id), /no way/)
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-b': '1.1 half-configured', 'toy-c': '1.1' })
  const broken = await systemOf(daemon)
  assert.equal(broken.is_valid, false)
  assert.match(broken.warnings.join('\n'), /Half installed: toy-b/)
  // Somebody mends it by hand.
  await apt.setScript('toy-b', 'exit 0')
  await apt.dpkg('--force-script-chrootless', '--configure', '-a')
  await daemon.askUntil('machine.update.refresh', (answer) => answer.result !== undefined, { name: 'system' })
  const mended = await systemOf(daemon)
  assert.deepEqual([mended.is_valid, mended.warnings, mended.package_count], [true, [], 0])
})

test('a failure before dpkg began changes nothing and needs nobody', async (t) => {
  const { apt, start } = await systemMachine(t, old, newer)
  const daemon = await start()
  await apt.unpublish('toy-c')
  const job = await upgrade(daemon)
  const { state, error } = await jobWhen(daemon, ({ id, ended_at: ended }) => id === job.id && ended !== null)
  assert.deepEqual([state, error?.code], ['failed', 'sources_gone'])
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.0', 'toy-b': '1.0', 'toy-c': '1.0' })
  const status = await systemOf(daemon)
  assert.deepEqual([status.package_count, status.is_valid], [3, true])
})

test('system updates that are switched off are not there', async (t) => {
  const { start } = await systemMachine(t, old, newer, ['enable_system_updates: False'])
  const daemon = await start({}, false)
  const status = JSON.stringify((await daemon.ask('machine.update.status'))?.result)
  assert.ok(!status.includes('package_count'))
  assert.equal((await daemon.ask('machine.update.system'))?.error?.code, -32601)
})
