import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import { createEnding, orderByCommand, type Order } from '../../src/machine/ending.js'
import { orderByLogind } from '../../src/machine/logind.js'
import { answering, asRoot } from '../support/commands.js'
import { kind } from '../support/jobs.js'
import { busOf } from '../support/patient.js'

/** A machine with an init of its own. */
const real = {
  readText: async (file: string) => (file === '/proc/1/comm' ? 'systemd\n' : null),
  stat: async () => null,
}

test('orders go to the first that takes them', async () => {
  const taken: string[] = []
  const taker = (name: string, takes: boolean) => async (order: Order) => {
    taken.push(`${name} ${order}`)
    return takes
  }
  const ending = createEnding([taker('a', false), taker('b', true), taker('c', true)], real, () => 'halt')
  await ending.reboot()
  await ending.shutdown()
  assert.deepEqual(taken, ['a reboot', 'b reboot', 'a halt', 'b halt'])
  await assert.rejects(createEnding([], real, () => 'poweroff').reboot(), kind('command_failed'))
})

test('nobody ends a machine from within a container', async () => {
  const files = { ...real, readText: async () => '0::/docker/x' }
  const ending = createEnding([() => assert.fail('it was ordered')], files, () => 'poweroff')
  await assert.rejects(ending.reboot(), /^MoonkeeperError: Cannot reboot from within a docker container$/)
  await assert.rejects(ending.shutdown(), /^MoonkeeperError: Cannot shutdown from within a docker container$/)
})

test('logind is asked without a question to anybody; where it says no others are', async () => {
  const bus = busOf({ PowerOff: [], Reboot: 'org.freedesktop.DBus.Error.InteractiveAuthorizationRequired' })
  assert.equal(await orderByLogind(bus)('poweroff'), true)
  assert.deepEqual(bus.asked[0]?.body, [false])
  assert.equal(await orderByLogind(bus)('reboot'), false)
  assert.equal(await orderByLogind(bus)('halt'), false)
  const inhibited = busOf({ Reboot: 'org.freedesktop.login1.OperationInProgress' })
  await assert.rejects(orderByLogind(inhibited)('reboot'), kind('command_failed'))
})

test('the command line is used where there is no logind, also without systemd', async () => {
  const systemd = answering({})
  assert.equal(await orderByCommand(asRoot(systemd.commands))('reboot'), true)
  assert.deepEqual(systemd.asked[0]?.argv, ['systemctl', 'reboot'])
  const missing = new MoonkeeperError('command_failed', 'Could not start systemctl')
  const old = answering(([program]) => (program === 'systemctl' ? missing : {}))
  await orderByCommand(asRoot(old.commands))('poweroff')
  assert.deepEqual(old.asked[1]?.argv, ['poweroff'])
  const refusing = answering({ code: 1, stderr: 'Operation inhibited by "apt"\n' })
  await assert.rejects(orderByCommand(asRoot(refusing.commands))('halt'), /Operation inhibited/)
})
