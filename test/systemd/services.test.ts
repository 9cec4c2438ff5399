import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { orderByLogind } from '../../src/machine/logind.js'
import type { ServiceProvider, UnitState } from '../../src/machine/services.js'
import { createSystemdCli } from '../../src/machine/services/systemd-cli.js'
import { createSystemdDbus } from '../../src/machine/services/systemd-dbus.js'
import type { Commands } from '../../src/system/commands.js'
import { createDBus, type DBus } from '../../src/system/dbus.js'
import { asRoot } from '../support/commands.js'
import { startContainer, type Container } from '../support/container.js'
import { kind } from '../support/jobs.js'
import { realCommands } from '../support/surroundings.js'

const units: Readonly<Record<string, string>> = {
  'good.service': '[Service]\nExecStart=/bin/sleep infinity\n',
  'good-1.service': '[Service]\nExecStart=/bin/sleep infinity\n',
  'bad.service': '[Service]\nExecStart=/bin/false\nType=oneshot\n',
  'loop.service':
    '[Unit]\nStartLimitIntervalSec=60\nStartLimitBurst=3\n[Service]\nExecStart=/bin/sh -c "test ! -e /run/loop-fails && exec sleep infinity"\nRestart=always\nRestartSec=0\n',
  'slow.service': '[Service]\nExecStartPre=/bin/sleep 0.5\nExecStart=/bin/sleep infinity\n',
}

const cleanups: (() => Promise<void>)[] = []
let container: Container
let bus: DBus
let dbus: ServiceProvider
let cli: ServiceProvider

/** Commands that run inside. */
const inside = (commands: Commands): Commands => ({
  run: (argv, options) => commands.run([...container.prefix, ...argv] as [string, ...string[]], options),
})

before(async () => {
  const t = { after: (work: () => Promise<void>) => void cleanups.unshift(work) }
  container = await startContainer(t, async (folder) => {
    const system = path.join(folder, 'etc/systemd/system')
    await mkdir(system, { recursive: true })
    for (const [name, text] of Object.entries(units)) await writeFile(path.join(system, name), text)
  })
  const commands = inside(await realCommands())
  bus = createDBus(container.bus)
  cleanups.unshift(async () => bus.close())
  cli = createSystemdCli(commands, asRoot(commands))
  dbus = createSystemdDbus(bus, cli)
})

after(async () => {
  for (const cleanup of cleanups) await cleanup()
})

const until = async <T>(ask: () => Promise<T> | T, wanted: (found: T) => boolean): Promise<T> => {
  for (let tries = 0; tries < 1000; tries += 1) {
    const found = await ask()
    if (wanted(found)) return found
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail('it did not happen')
}

for (const name of ['D-Bus', 'the command line'] as const)
  describe(`systemd over ${name}`, () => {
    const provider = (): ServiceProvider => (name === 'D-Bus' ? dbus : cli)

    test('a service is started, seen, restarted and stopped', async () => {
      await provider().act('start', 'good')
      const first = await provider().state('good')
      assert.deepEqual({ ...first, since: '' }, { active: true, restarts: 0, since: '', sub: 'running' })
      await provider().restart('good')
      const second = await provider().state('good')
      assert.equal(second?.active, true)
      assert.notEqual(second.since, first?.since)
      await provider().act('stop', 'good')
      assert.deepEqual((await provider().state('good'))?.sub, 'dead')
    })

    test('an order that cannot be carried out says so', async () => {
      await assert.rejects(provider().act('start', 'bad'), kind('command_failed'))
      await assert.rejects(provider().restart('no-such'), (thrown) => {
        assert.ok(kind('command_failed')(thrown))
        assert.match((thrown as Error).message, /no-such.*not found/)
        return true
      })
      assert.equal(await provider().state('no-such'), null)
    })

    test('one that crashes again and again is counted, until systemd gives up', async () => {
      container.run('touch', '/run/loop-fails')
      // systemd began it, and says nothing of its health.
      await provider()
        .act('start', 'loop')
        .catch(() => undefined)
      const seen = await until(
        () => provider().state('loop'),
        (state) => state?.sub === 'failed',
      )
      assert.ok(seen !== null && !seen.active && seen.restarts >= 2, JSON.stringify(seen))
      // An order begins it anew all the same: what is installed now may be another version.
      container.run('rm', '/run/loop-fails')
      await provider().act('start', 'loop')
      assert.equal((await provider().state('loop'))?.active, true)
      await provider().act('stop', 'loop')
    })

    test('those that are loaded and wanted are listed', async () => {
      await provider().act('start', 'good-1')
      const found = await provider().list((service) => service.startsWith('good-'))
      assert.deepEqual(Object.fromEntries(found), {
        'good-1': { active_state: 'active', sub_state: 'running' },
      })
    })

    test('the service that a process belongs to', async () => {
      await provider().act('start', 'good-1')
      const pid = Number(container.run('systemctl', 'show', '-P', 'MainPID', 'good-1'))
      assert.equal(await provider().serviceOf(pid), 'good-1')
      assert.equal(await provider().serviceOf(1), null)
    })
  })

test('changes are told as they come, of those that are followed', async () => {
  const told: [string, UnitState][] = []
  await dbus.act('stop', 'good')
  const end = await dbus.follow(
    ['good', 'slow'],
    (service, state) => void told.push([service, state]),
    () => undefined,
  )
  container.run('systemctl', 'start', 'good', 'good-1')
  await until(
    () => told.at(-1),
    (last) => last?.[1].sub_state === 'running',
  )
  assert.deepEqual(new Set(told.map(([service]) => service)), new Set(['good']))
  assert.deepEqual(told.at(-1), ['good', { active_state: 'active', sub_state: 'running' }])
  container.run('systemctl', 'start', 'slow')
  await until(
    () => told,
    (all) => all.some(([service, { active_state: active }]) => service === 'slow' && active === 'activating'),
  )
  end?.()
  const { length } = told
  container.run('systemctl', 'stop', 'good', 'slow')
  await dbus.list(() => true)
  assert.equal(told.length, length)
})

test('an order resolves when it was carried out, not before', async () => {
  await dbus.act('stop', 'slow')
  await dbus.act('start', 'slow')
  assert.equal((await dbus.state('slow'))?.sub, 'running')
})

test('that nothing more is told is said, once', async () => {
  let lost = 0
  const own = createDBus(container.bus)
  const end = await createSystemdDbus(own, cli).follow(
    ['good', 'slow'],
    () => undefined,
    () => void (lost += 1),
  )
  own.close()
  await until(
    () => lost,
    (times) => times > 0,
  )
  end?.()
  assert.equal(lost, 1)
})

test('without a bus the command line does it', async () => {
  const nobody = createSystemdDbus(createDBus('unix:path=/nonexistent/bus'), cli)
  await nobody.act('start', 'good')
  assert.equal((await nobody.state('good'))?.active, true)
  assert.equal(
    await nobody.follow(
      ['good'],
      () => undefined,
      () => undefined,
    ),
    null,
  )
  assert.equal((await nobody.list((service) => service === 'good')).size, 1)
  assert.equal(await orderByLogind(createDBus('unix:path=/nonexistent/bus'))('reboot'), false)
})
