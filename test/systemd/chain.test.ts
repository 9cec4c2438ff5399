import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DoctorReport, Job, MachineSystemInfoResult } from '../../src/contract/generated/types.js'
import { startPrinterHost, type PrinterHost } from '../support/printer-host.js'
import type { Reply, UnixClient } from '../support/unix-client.js'

const cleanups: (() => Promise<void>)[] = []
let host: PrinterHost
let client: UnixClient

before(async () => {
  host = await startPrinterHost({ after: (work) => void cleanups.unshift(work) })
  host.container.run('systemctl', 'start', 'moonkeeper', 'app', 'klipper-1', 'denied')
  client = await host.connect()
  await ready(client)
  while (((await client.call('server.info')).result as { klippy_state: string }).klippy_state !== 'ready')
    await new Promise((resolve) => setTimeout(resolve, 20))
})

after(async () => {
  for (const cleanup of cleanups) await cleanup()
})

/** Until the first look is done. */
const ready = async (at: UnixClient): Promise<void> => {
  for (let tries = 0; tries < 500; tries += 1) {
    if ((await at.call('machine.update.refresh', { name: 'app' })).error === undefined) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.fail(host.container.run('journalctl', '-u', 'moonkeeper', '--no-pager'))
}

const show = (service: string, property: string): string =>
  host.container.run('systemctl', 'show', '-P', property, service).trim()

const infoOf = async (at: UnixClient): Promise<MachineSystemInfoResult['system_info']> =>
  ((await at.call('machine.system_info')).result as MachineSystemInfoResult).system_info

const newVersion = (tag: string, run: string): string =>
  host.sh(
    `cd ~/seed; printf '${run}' > run; git commit -qam ${tag}; git tag ${tag}; git push -q --tags origin main`,
  )

const messageOf = (reply: Reply): string => reply.error?.message ?? 'no error'

test('it runs as an ordinary user that cannot become root, and knows what it is', async () => {
  const info = await infoOf(client)
  assert.deepEqual(info.instance_ids, { moonraker: 'moonkeeper', klipper: 'klipper-1' })
  assert.deepEqual(info.virtualization, { virt_type: 'container', virt_identifier: 'systemd-nspawn' })
  assert.deepEqual(info.service_state['app'], { active_state: 'active', sub_state: 'running' })
  assert.deepEqual(
    ['app', 'denied', 'klipper-1', 'moonkeeper'].filter(
      (service) => !info.available_services.includes(service),
    ),
    [],
  )
  assert.equal(show('moonkeeper', 'User'), 'pi')
  const { result } = await client.call('machine.sudo.info', { check_access: true })
  assert.deepEqual(result, {
    sudo_access: false,
    linux_user: 'pi',
    sudo_requested: false,
    request_messages: [],
  })
})

test('a service is stopped and started through it, and everybody hears of that', async () => {
  const said = client.until(
    ({ method, params }) =>
      method === 'notify_service_state_changed' && JSON.stringify(params[0]).includes('"sub_state":"dead"'),
  )
  assert.equal((await client.call('machine.services.stop', { service: 'klipper-1' })).result, 'ok')
  assert.deepEqual((await said).params, [{ 'klipper-1': { active_state: 'inactive', sub_state: 'dead' } }])
  assert.equal(show('klipper-1', 'ActiveState'), 'inactive')
  assert.equal((await client.call('machine.services.start', { service: 'klipper-1' })).result, 'ok')
  assert.equal(show('klipper-1', 'ActiveState'), 'active')
})

test('what polkit does not allow is refused, with what to do about it', async () => {
  const pid = show('denied', 'MainPID')
  const refused = await client.call('machine.services.restart', { service: 'denied' })
  assert.match(messageOf(refused), /polkit does not let Moonkeeper restart service denied.*docs\/install\.md/)
  assert.equal(refused.error?.data?.code, 'refused')
  assert.equal(show('denied', 'MainPID'), pid)
  const unknown = await client.call('machine.services.restart', { service: 'systemd-journald' })
  assert.equal(messageOf(unknown), "Service 'systemd-journald' not allowed")
})

const polkitOf = async (): Promise<readonly string[]> => {
  const report = (await client.call('machine.update.doctor')).result as DoctorReport
  const { state } = report.checks.find(({ name }) => name === 'polkit') ?? {}
  const found = report.findings.filter(({ check }) => check === 'polkit')
  return [state ?? 'none', ...found.map(({ code, about }) => `${code}: ${about}`)]
}

/** polkitd sees by itself that its rules changed, when it comes to it. */
const polkitBecomes = async (state: string): Promise<readonly string[]> => {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = await polkitOf()
    if (found[0] === state) return found
  }
  return polkitOf()
}

test('the doctor says what polkit does not let it do, and what is wrong besides', async () => {
  assert.deepEqual(await polkitOf(), ['good'])
  const rules = '/etc/polkit-1/rules.d/50-moonkeeper.rules'
  host.container.run('mv', rules, '/root/')
  try {
    assert.deepEqual((await polkitBecomes('trouble')).slice(0, 3), [
      'trouble',
      'polkit_denied: start and stop services',
      'polkit_denied: reboot the machine',
    ])
  } finally {
    host.container.run('mv', '/root/50-moonkeeper.rules', rules)
  }
  assert.deepEqual(await polkitBecomes('good'), ['good'])
  const report = (await client.call('machine.update.doctor')).result as DoctorReport
  const wrong = report.findings.map(({ code }) => code)
  // There is no network in the container.
  assert.deepEqual(
    wrong.filter((code) => !['dns_failed', 'forge_unreachable'].includes(code)),
    [],
  )
})

test('an update whose service crashes goes back, and the old version runs', async () => {
  newVersion('v1.1.0', '#!/bin/sh\\nsleep 0.2; exit 3\\n')
  await client.call('machine.update.refresh', { name: 'app' })
  const reply = await client.call('machine.update.upgrade', { name: 'app' })
  assert.equal(reply.error?.data?.code, 'health_failed', JSON.stringify(reply))
  assert.match(messageOf(reply), /Service app .*journalctl -u app/)
  assert.equal(host.sh('git -C ~/app describe --tags').trim(), 'v1.0.0')
  assert.equal(show('app', 'ActiveState'), 'active')
  assert.match(host.sh('cat ~/app/run'), /sleep infinity/)
})

test('an update whose service runs stays; what it calls klipper is the instance that runs', async () => {
  const klipper = show('klipper-1', 'MainPID')
  newVersion('v1.2.0', '#!/bin/sh\\nexec sleep 100000\\n')
  await client.call('machine.update.refresh', { name: 'app' })
  const reply = await client.call('machine.update.upgrade', { name: 'app' })
  assert.equal(reply.result, 'ok', JSON.stringify(reply))
  assert.match(host.container.run('ps', '-C', 'sleep', '-o', 'args='), /sleep 100000/)
  assert.notEqual(show('klipper-1', 'MainPID'), klipper)
  assert.equal(show('klipper-1', 'ActiveState'), 'active')
})

test('ordered to restart itself it answers, says goodbye, and is another process', async () => {
  const pid = show('moonkeeper', 'MainPID')
  const old = await host.connect()
  assert.equal((await old.call('machine.services.restart', { service: 'moonkeeper' })).result, 'ok')
  await old.closed
  const next = await host.connect()
  await ready(next)
  assert.notEqual(show('moonkeeper', 'MainPID'), pid)
  // systemd did it, not a crash.
  assert.equal(show('moonkeeper', 'NRestarts'), '0')
  const stop = await next.call('machine.services.stop', { service: 'moonkeeper' })
  assert.equal(messageOf(stop), "Service action 'stop' not available for moonraker")
  client = next
})

test('its own update is answered by the old process and finished by the new one', async () => {
  const pid = show('moonkeeper', 'MainPID')
  await client.call('machine.update.refresh', { name: 'moonkeeper' })
  const reply = await client.call('machine.update.upgrade', { name: 'moonkeeper' })
  assert.equal(reply.result, 'ok', JSON.stringify(reply))
  await client.closed
  client = await host.connect()
  await ready(client)
  assert.notEqual(show('moonkeeper', 'MainPID'), pid)
  assert.equal(show('moonkeeper', 'NRestarts'), '0')
  const { jobs } = (await client.call('machine.update.jobs.list')).result as { jobs: readonly Job[] }
  const job = jobs.find(({ applications }) => applications.some(({ name }) => name === 'moonkeeper'))
  assert.deepEqual([job?.state, job?.error], ['done', null])
  assert.equal(host.sh('git -C ~/self describe --tags').trim(), 'v1.2.0')
})

test('a reboot is ordered from logind, and the machine goes down', async () => {
  assert.equal((await client.call('machine.reboot')).result, 'ok')
  await client.closed
})
