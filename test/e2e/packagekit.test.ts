import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import type { Job } from '../../src/contract/generated/types.js'
import { toys } from '../support/apt-root.js'
import { startBus } from '../support/bus.js'
import type { Daemon } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { kitMachine } from '../support/kit-machine.js'
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

const endOf = (daemon: Daemon, { id }: Job): Promise<Job> =>
  jobWhen(daemon, (job) => job.id === id && job.ended_at !== null)

test('packages are shown, planned and upgraded through PackageKit; what goes must have been seen', async (t) => {
  const { apt, start } = await kitMachine(t, old, [
    { name: 'toy-a', version: '1.1' },
    { name: 'toy-c', version: '1.1', fields: ['Conflicts: toy-b'] },
  ])
  const daemon = await start()
  const status = await systemOf(daemon)
  assert.deepEqual(
    [status.provider, status.package_list, status.is_valid, status.warnings],
    ['PackageKit', ['toy-a', 'toy-c'], true, []],
  )
  const refused = await daemon.ask('machine.update.system')
  assert.match(refused?.error?.message ?? '', /system: packages would be removed: toy-b/)
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.0', 'toy-b': '1.0', 'toy-c': '1.0' })
  const plan = await planOf(daemon)
  const packages = plan.applications[0]?.packages
  assert.deepEqual(packages?.upgrade[0], { name: 'toy-a', from: '1.0', to: '1.1', origin: 'toys-stable' })
  assert.deepEqual(packages.remove, [{ name: 'toy-b', from: '1.0', to: null }])
  assert.equal(plan.reversible, false)
  const job = await endOf(daemon, await upgrade(daemon, { plan_hash: plan.hash }))
  assert.deepEqual([job.state, job.error], ['done', null])
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-c': '1.1' })
  const said = await saidBy(daemon, job.id)
  assert.match(said, /^Updating packages\.\.\.\nTransaction Refresh cache started\.\.\.\n/)
  assert.match(
    said,
    /\nTransaction Update packages: Exit Success, Run time: .*\nPackage update finished\.\.\.$/s,
  )
})

test('killed in the middle: PackageKit goes on, and the next start tells how it ended', async (t) => {
  const gate = gateIn(await temporaryFolder(t))
  const { apt, start } = await kitMachine(t, old, [
    ...toys('1.1', 'toy-a', 'toy-c'),
    { name: 'toy-b', version: '1.1', script: gate.script },
  ])
  const daemon = await start()
  const job = await upgrade(daemon)
  const handle = await gate.begun()
  await jobWhen(daemon, ({ id, stage }) => id === job.id && stage === 'system: install packages')
  // What is over at once PackageKit does not tell; this one waits.
  await untilSaid(daemon, job.id, 'Installing: toy-b (1.1)')
  await kill(daemon)
  const next = await start(false)
  await untilSaid(next, job.id, 'waiting until it is done')
  await release(handle, 'on')
  const { state, error } = await endOf(next, job)
  assert.deepEqual([state, error], ['done', null])
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-b': '1.1', 'toy-c': '1.1' })
  assert.match(await saidBy(next, job.id), /All 3 packages were changed/)
})

test('packagekitd that crashes in the middle: the update failed, and nothing is half installed', async (t) => {
  const gate = gateIn(await temporaryFolder(t))
  const { apt, kit, start } = await kitMachine(t, old, [
    { name: 'toy-b', version: '1.1', script: gate.script },
    { name: 'toy-c', version: '1.1', fields: ['Pre-Depends: toy-b (>= 1.1)'] },
  ])
  const daemon = await start()
  const job = await upgrade(daemon)
  const handle = await gate.begun()
  kit.freeze()
  await killPackageTools(apt)
  await handle.close()
  await kit.kill()
  await release(await gate.begun(), 'on')
  const { state, error } = await endOf(daemon, job)
  assert.deepEqual([state, error?.code], ['failed', 'command_failed'])
  assert.match(error?.message ?? '', /PackageKit ended in the middle of it.*Not changed: toy-c/)
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.0', 'toy-b': '1.1', 'toy-c': '1.0' })
  // It is started again, and the rest is done.
  await kit.start()
  const again = await endOf(daemon, await upgrade(daemon))
  assert.deepEqual([again.state, again.error], ['done', null])
  assert.deepEqual([(await apt.packages())['toy-c'], (await systemOf(daemon)).is_valid], ['1.1', true])
})

test('an ordinary user without the polkit rule is told what to do', async (t) => {
  const { apt, start } = await kitMachine(t, old, newer, 'refused')
  const daemon = await start()
  const status = await systemOf(daemon)
  const words = /PackageKit does not let the user nobody do that\. Install Moonkeeper's polkit rule/
  assert.equal(status.provider, 'PackageKit')
  assert.match(status.warnings.join('\n'), words)
  const { state, error } = await endOf(daemon, await upgrade(daemon))
  assert.deepEqual([state, error?.code], ['failed', 'needs_privileges'])
  assert.match(error?.message ?? '', words)
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.0', 'toy-b': '1.0', 'toy-c': '1.0' })
})

test('an ordinary user with the polkit rule upgrades, and mends what is half installed', async (t) => {
  const { apt, start } = await kitMachine(t, old, newer, 'allowed')
  await apt.dpkgUnpack([{ name: 'toy-b', version: '1.1' }])
  const daemon = await start(false)
  const mended = await jobWhen(daemon, ({ goal, ended_at: ended }) => goal === 'recover' && ended !== null)
  assert.deepEqual([mended.state, mended.error], ['done', null])
  assert.equal((await apt.packages())['toy-b'], '1.1')
  const job = await endOf(daemon, await upgrade(daemon))
  assert.deepEqual([job.state, job.error], ['done', null])
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-b': '1.1', 'toy-c': '1.1' })
  const status = await systemOf(daemon)
  assert.deepEqual([status.provider, status.package_count, status.warnings], ['PackageKit', 0, []])
})

test('apt-get does it where PackageKit is not on the bus', async (t) => {
  const { apt, start } = await systemMachine(t, old, newer, ['enable_packagekit: True'])
  const { address } = await startBus(t)
  const daemon = await start({ DBUS_SYSTEM_BUS_ADDRESS: address })
  assert.equal((await systemOf(daemon)).provider, 'apt')
  const job = await endOf(daemon, await upgrade(daemon))
  assert.deepEqual([job.state, job.error], ['done', null])
  assert.deepEqual(await apt.packages(), { 'toy-a': '1.1', 'toy-b': '1.1', 'toy-c': '1.1' })
})

test('with enable_packagekit: False nobody goes to the bus', async (t) => {
  const { apt, start } = await systemMachine(t, old, newer, ['enable_packagekit: False'])
  let visits = 0
  const file = path.join(apt.folder, 'bus.sock')
  const bus = createServer(() => (visits += 1)).listen(file)
  t.after(() => new Promise((resolve) => bus.close(resolve)))
  const daemon = await start({ DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${file}` })
  const job = await endOf(daemon, await upgrade(daemon))
  assert.deepEqual([job.state, (await systemOf(daemon)).provider, visits], ['done', 'apt', 0])
})
