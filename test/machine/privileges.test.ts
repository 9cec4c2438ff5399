import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import { createPrivileges, type Privileges } from '../../src/machine/privileges.js'
import { answering, type Asked, type Ends } from '../support/commands.js'
import { kind } from '../support/jobs.js'

interface Rig {
  readonly privileges: Privileges
  readonly asked: Asked[]
  readonly alerts: string[][]
}

/** @param sudo how sudo ends, by its arguments */
const rig = (
  sudo: (argv: readonly string[]) => Ends,
  setup: { root?: boolean; password?: string } = {},
): Rig => {
  const { commands, asked } = answering((argv) => (argv[0] === 'sudo' ? sudo(argv.slice(1)) : {}))
  const alerts: string[][] = []
  const privileges = createPrivileges({
    commands,
    root: setup.root ?? false,
    user: 'pi',
    password: setup.password ?? null,
    changed: () => void alerts.push([...privileges.requests]),
  })
  return { privileges, asked, alerts }
}

const wanted: Ends = { code: 1, stderr: 'sudo: a password is required\n' }
/** As sudo is where the user has to type a password. */
const asking =
  (right: string) =>
  (asked: Asked[]) =>
  (argv: readonly string[]): Ends => {
    if (argv[0] === '-n') return wanted
    if (!argv.includes('-S')) return {}
    const given = String(asked.at(-1)?.options.input).split('\n')[0]
    return given === right ? {} : { code: 1, stderr: 'Sorry, try again.\nsudo: no password was provided\n' }
  }

const passwordRig = (right: string, password?: string): Rig => {
  const made: Rig = rig((argv) => asking(right)(made.asked)(argv), password === undefined ? {} : { password })
  return made
}

test('root needs no sudo', async () => {
  const { privileges, asked } = rig(() => assert.fail('sudo was asked'), { root: true })
  await privileges.run(['systemctl', 'restart', 'klipper'], { timeout: 5 })
  assert.deepEqual(
    asked.map(({ argv }) => argv),
    [['systemctl', 'restart', 'klipper']],
  )
  assert.equal(await privileges.granted(), true)
})

test('others go through sudo, which never asks at a terminal and speaks English', async () => {
  const { privileges, asked } = rig(() => ({ code: 3, stderr: 'of the command' }))
  const result = await privileges.run(['apt-get', 'update'], { env: { DEBIAN_FRONTEND: 'noninteractive' } })
  assert.equal(result.code, 3)
  assert.deepEqual(asked[0]?.argv, ['sudo', '-n', '--', 'apt-get', 'update'])
  assert.deepEqual(asked[0].options.env, { LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' })
})

test('where a password is wanted and there is none, that is asked for once, and said', async () => {
  const { privileges, alerts } = rig(() => wanted)
  for (let tries = 0; tries < 2; tries += 1)
    await assert.rejects(privileges.run(['systemctl', 'restart', 'klipper']), (thrown) => {
      assert.ok(kind('refused')(thrown))
      assert.match(
        (thrown as Error).message,
        /User pi may not run 'systemctl restart klipper' as root \(.*required\)/,
      )
      return true
    })
  assert.deepEqual(alerts, [['Sudo password required: systemctl restart klipper']])
})

test('a password is given on standard input, before the input of the command', async () => {
  const { privileges, asked } = passwordRig('raspberry', 'raspberry')
  const result = await privileges.run(['tee', '/x'], { input: 'text' })
  assert.equal(result.code, 0)
  assert.deepEqual(asked[1]?.argv, ['sudo', '-k', '-S', '--', 'tee', '/x'])
  assert.equal(String(asked[1].options.input), 'raspberry\ntext')
  for (const { argv } of asked) assert.equal(argv.includes('raspberry'), false)
})

test('what sudo forbids altogether is told in its words, and asks for nothing', async () => {
  const words = [
    "Sorry, user pi is not allowed to execute '/usr/bin/true' as root on host.",
    'pi is not in the sudoers file.',
    'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
  ]
  for (const stderr of words) {
    const { privileges, alerts } = rig(() => ({ code: 1, stderr }))
    await assert.rejects(privileges.run(['true']), (thrown) => {
      assert.ok(kind('refused')(thrown))
      assert.ok((thrown as Error).message.includes(stderr), stderr)
      return true
    })
    assert.deepEqual(alerts, [])
    assert.equal(await privileges.granted(), false)
  }
})

test('whoever looks whether it may asks for no password', async () => {
  const { privileges, alerts } = rig(() => wanted)
  assert.equal(await privileges.granted(), false)
  assert.deepEqual([privileges.requests, alerts], [[], []])
})

test('a right password is kept, and what was asked for is over; a wrong one is refused and forgotten', async () => {
  const { privileges, alerts } = passwordRig('raspberry')
  await assert.rejects(privileges.run(['systemctl', 'reboot']), kind('refused'))
  await assert.rejects(privileges.setPassword('wrong'), (thrown) => {
    assert.ok(thrown instanceof MoonkeeperError)
    assert.equal(thrown.message, 'Invalid password, sudo access was denied')
    return true
  })
  assert.equal(await privileges.granted(), false)
  assert.deepEqual(await privileges.setPassword('raspberry'), ['Sudo password required: systemctl reboot'])
  assert.deepEqual(alerts, [['Sudo password required: systemctl reboot'], []])
  assert.equal(await privileges.granted(), true)
  await assert.rejects(privileges.setPassword('wrong'), kind('refused'))
  assert.equal(await privileges.granted(), false)
})

test('a password is looked at afresh: who was let in a minute ago is not let in by that', async () => {
  const { privileges, asked } = passwordRig('raspberry')
  await privileges.setPassword('raspberry')
  assert.deepEqual(
    asked.map(({ argv }) => argv),
    [
      ['sudo', '-k'],
      ['sudo', '-S', 'true'],
    ],
  )
})

test('without sudo root takes any password, and nobody else any', async () => {
  const missing = new MoonkeeperError('command_failed', 'Could not start sudo')
  await rig(() => missing, { root: true }).privileges.setPassword('x')
  await assert.rejects(rig(() => missing).privileges.setPassword('x'), kind('command_failed'))
})
