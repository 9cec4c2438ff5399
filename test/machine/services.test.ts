import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import { createSystemctlServices, noServices } from '../../src/machine/services.js'
import type { CommandOptions, CommandResult, Commands } from '../../src/system/commands.js'
import { realCommands } from '../support/surroundings.js'

interface Asked {
  readonly argv: readonly string[]
  readonly options: CommandOptions
}

/** Every command ends so. */
const answering = (result: Partial<CommandResult> | Error): { commands: Commands; asked: Asked[] } => {
  const asked: Asked[] = []
  const commands: Commands = {
    run: async (argv, options = {}) => {
      asked.push({ argv, options })
      if (result instanceof Error) throw result
      return { code: 0, stdout: Buffer.alloc(0), stderr: '', ended: null, ...result }
    },
  }
  return { commands, asked }
}

const stateOf = (text: string): ReturnType<typeof noServices.state> =>
  createSystemctlServices(answering({ stdout: Buffer.from(text) }).commands, false).state('demo')

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
  const { commands, asked } = answering({ stdout: Buffer.from(shown({})) })
  const { signal } = new AbortController()
  await createSystemctlServices(commands, false).state('klipper-1', signal)
  const [only] = asked
  assert.deepEqual(only?.argv.slice(0, 2), ['systemctl', 'show'])
  assert.deepEqual(only.argv.slice(3), ['--', 'klipper-1'])
  assert.match(only.argv[2] ?? '', /^--property=[\w,]+$/)
  assert.deepEqual(only.options, { timeout: 10_000, maxOutput: 65_536, signal })
})

test('what is not the name of a service is not asked for', async () => {
  const { commands, asked } = answering({ stdout: Buffer.from(shown({})) })
  const services = createSystemctlServices(commands, false)
  for (const name of ['', '-x', '--all', 'a b', '*', 'a/b', '../x'])
    assert.equal(await services.state(name), null, name)
  assert.deepEqual(asked, [])
})

test('where systemctl fails, hangs or is missing nothing is known', async () => {
  const missing = new MoonkeeperError('command_failed', 'Could not start systemctl')
  const text = { stdout: Buffer.from(shown({})) }
  for (const result of [{ ...text, code: 1 }, { ...text, code: null, ended: 'timeout' as const }, missing])
    assert.equal(await createSystemctlServices(answering(result).commands, false).state('demo'), null)
})

test('a look that is aborted throws why', async () => {
  const control = new AbortController()
  control.abort(new Error('enough'))
  const services = createSystemctlServices(answering({ code: null, ended: 'aborted' }).commands, true)
  await assert.rejects(services.state('demo', control.signal), /enough/)
})

test('whatever this machine answers, an unknown service is not there', async () => {
  const services = createSystemctlServices(await realCommands(), false)
  assert.equal(await services.state('moonkeeper-test-no-such-service'), null)
})

test('provider none knows nothing', async () => {
  assert.equal(await noServices.state('klipper'), null)
})
