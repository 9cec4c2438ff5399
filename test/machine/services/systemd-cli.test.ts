import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MoonkeeperError } from '../../../src/contract/error.js'
import { noServices } from '../../../src/machine/services/none.js'
import { createSystemdCli } from '../../../src/machine/services/systemd-cli.js'
import type { ServiceProvider } from '../../../src/machine/services.js'
import type { Commands } from '../../../src/system/commands.js'
import { answering, asRoot } from '../../support/commands.js'
import { kind } from '../../support/jobs.js'
import { realCommands } from '../../support/surroundings.js'

const systemd = (commands: Commands): ServiceProvider => createSystemdCli(commands, asRoot(commands))

const stateOf = (text: string): ReturnType<typeof noServices.state> =>
  systemd(answering({ stdout: text }).commands).state('demo')

const running = [
  'NRestarts=2',
  'LoadState=loaded',
  'ActiveState=active',
  'SubState=running',
  'ActiveEnterTimestampMonotonic=8123456',
]

const shown = (replaced: Readonly<Record<string, string>>): string =>
  running
    .map((line) => line.split('=')[0] ?? '')
    .map((name, index) => (Object.hasOwn(replaced, name) ? `${name}=${replaced[name]}` : running[index]))
    .join('\n') + '\n'

test('a running service', async () => {
  const expected = { active: true, restarts: 2, since: '8123456', sub: 'running' }
  assert.deepEqual(await stateOf(shown({})), expected)
  assert.deepEqual(await stateOf([...running].reverse().join('\n')), expected)
})

test('one that reloads runs, one that starts, stops or waits for its restart does not', async () => {
  const activeIn = async (ActiveState: string, SubState: string): Promise<unknown> =>
    (await stateOf(shown({ ActiveState, SubState })))?.active
  assert.equal(await activeIn('reloading', 'reload'), true)
  assert.equal(await activeIn('active', 'exited'), true)
  assert.equal(await activeIn('activating', 'start-pre'), false)
  assert.equal(await activeIn('activating', 'auto-restart'), false)
  assert.equal(await activeIn('deactivating', 'stop-sigterm'), false)
  assert.equal(await activeIn('inactive', 'dead'), false)
})

test('a failed service, which was restarted by itself before', async () => {
  const failed = shown({ ActiveState: 'failed', SubState: 'failed', NRestarts: '5' })
  assert.deepEqual(await stateOf(failed), { active: false, restarts: 5, since: '8123456', sub: 'failed' })
})

test('of a service that does not exist nothing is known', async () => {
  const absent = { LoadState: 'not-found', ActiveState: 'inactive', SubState: 'dead', NRestarts: '0' }
  assert.equal(await stateOf(shown({ ...absent, ActiveEnterTimestampMonotonic: '0' })), null)
})

test('an answer that makes no sense is none', async () => {
  const garbage = [
    '',
    '\n\n',
    'Failed to connect to bus: Host is down',
    running.slice(1).join('\n'),
    [...running, 'NRestarts=2'].join('\n'),
    [...running, 'MainPID=1'].join('\n'),
    [...running, 'ActiveState'].join('\n'),
    ['__proto__=x', ...running.slice(1)].join('\n'),
    shown({ NRestarts: '-1' }),
    shown({ NRestarts: '' }),
    shown({ NRestarts: '1e3' }),
    shown({ ActiveState: 'active or so' }),
    shown({ ActiveEnterTimestampMonotonic: '[not set]' }),
    shown({}).replaceAll('\n', '\r\n'),
    shown({}).replaceAll('\n', '\0'),
  ]
  for (const text of garbage) assert.equal(await stateOf(text), null, JSON.stringify(text))
})

test('a look asks for one unit, never as root, and has limits', async () => {
  const { commands, asked } = answering({ stdout: shown({}) })
  const { signal } = new AbortController()
  await systemd(commands).state('klipper-1', signal)
  const [only] = asked
  assert.deepEqual(only?.argv.slice(0, 2), ['systemctl', 'show'])
  assert.deepEqual(only.argv.slice(3), ['--', 'klipper-1'])
  assert.match(only.argv[2] ?? '', /^--property=[\w,]+$/)
  assert.deepEqual(only.options, { timeout: 10_000, maxOutput: 65_536, signal })
})

test('what is not the name of a service is not asked for', async () => {
  const { commands, asked } = answering({ stdout: shown({}) })
  const services = systemd(commands)
  for (const name of ['', '-x', '--all', 'a b', '*', 'a/b', '../x'])
    assert.equal(await services.state(name), null, name)
  assert.deepEqual(asked, [])
})

test('where systemctl fails, hangs or is missing nothing is known', async () => {
  const missing = new MoonkeeperError('command_failed', 'Could not start systemctl')
  const text = { stdout: shown({}) }
  for (const result of [{ ...text, code: 1 }, { ...text, code: null, ended: 'timeout' as const }, missing])
    assert.equal(await systemd(answering(result).commands).state('demo'), null)
})

test('a look that is aborted throws why', async () => {
  const control = new AbortController()
  control.abort(new Error('enough'))
  const services = systemd(answering({ code: null, ended: 'aborted' }).commands)
  await assert.rejects(services.state('demo', control.signal), /enough/)
})

test('whatever this machine answers, an unknown service is not there', async () => {
  const services = systemd(await realCommands())
  assert.equal(await services.state('moonkeeper-test-no-such-service'), null)
})

test('provider none knows nothing', async () => {
  assert.equal(await noServices.state('klipper'), null)
})

test('an order is given to systemd as root, and its own words are told when it fails', async () => {
  const { commands, asked } = answering({})
  await systemd(commands).act('stop', 'klipper-1')
  assert.deepEqual(asked[0]?.argv, ['systemctl', 'stop', 'klipper-1'])
  const failing = answering({ code: 1, stderr: 'x\nUnit klipper.service not found.\n' })
  await assert.rejects(systemd(failing.commands).restart('klipper'), (thrown) => {
    assert.ok(kind('command_failed')(thrown))
    assert.match(
      (thrown as Error).message,
      /^Could not restart service klipper: Unit klipper\.service not found/,
    )
    return true
  })
})

test('what is not the name of a service gets no order', async () => {
  const { commands, asked } = answering({})
  for (const name of ['', '--now', 'a b', 'a/b', ';reboot'])
    await assert.rejects(systemd(commands).act('start', name), kind('refused'), name)
  assert.deepEqual(asked, [])
})

const units = `  klipper.service            loaded    active   running Klipper 3D printer firmware
  klipper-1.service          loaded    failed   failed  Klipper of the second printer
  gone.service               not-found inactive dead    gone.service
  ssh.service                loaded    active   running OpenBSD Secure Shell server
  klipper.socket             loaded    active   listening
`

test('services are listed that are loaded and wanted', async () => {
  const { commands } = answering({ stdout: units })
  const found = await systemd(commands).list((service) => service !== 'ssh')
  assert.deepEqual(Object.fromEntries(found), {
    klipper: { active_state: 'active', sub_state: 'running' },
    'klipper-1': { active_state: 'failed', sub_state: 'failed' },
  })
  const failing = answering({ code: 1, stderr: 'Failed to connect to bus' })
  await assert.rejects(
    systemd(failing.commands).list(() => true),
    /Failed to connect to bus/,
  )
})

test('the service that a process belongs to', async () => {
  const serviceIn = (stdout: string, code = 0): Promise<string | null> =>
    systemd(answering({ stdout, code }).commands).serviceOf(7)
  const shownStatus = '● klipper-1.service - Klipper\n     Loaded: loaded\n'
  assert.equal(await serviceIn(shownStatus), 'klipper-1')
  // One that is being stopped: systemctl says so with its code, too.
  assert.equal(await serviceIn(shownStatus.replace('●', '○'), 3), 'klipper-1')
  assert.equal(await serviceIn('● session-3.scope - Session 3 of User pi\n'), null)
  assert.equal(await serviceIn('', 4), null)
})

test('provider none takes no orders', async () => {
  await assert.rejects(noServices.act('restart', 'klipper'), kind('busy'))
  await assert.rejects(noServices.restart('klipper'), /^MoonkeeperError: Service Actions Not Available$/)
  assert.equal((await noServices.list(() => true)).size, 0)
})
