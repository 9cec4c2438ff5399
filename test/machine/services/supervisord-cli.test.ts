import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSupervisordCli } from '../../../src/machine/services/supervisord-cli.js'
import type { ServiceProvider } from '../../../src/machine/services.js'
import { answering, type Ends } from '../../support/commands.js'
import { kind } from '../../support/jobs.js'

/** As supervisor 4.2.5 answers. */
const status = `crowsnest                        STOPPED   Not started
fail                             BACKOFF   Exited too quickly (process log may have details)
klipper                          RUNNING   pid 6094, uptime 0:00:05
klipper-1                        STOPPING
moonraker                        FATAL     Exited too quickly (process log may have details)
`

const supervisord = (ends: Ends, file = ''): ServiceProvider =>
  createSupervisordCli(answering(ends).commands, file)

test('programs are listed with the words of systemd', async () => {
  const found = await supervisord({ stdout: status, code: 3 }).list((service) => service !== 'fail')
  assert.deepEqual(Object.fromEntries(found), {
    crowsnest: { active_state: 'inactive', sub_state: 'stopped' },
    klipper: { active_state: 'active', sub_state: 'running' },
    'klipper-1': { active_state: 'deactivating', sub_state: 'stopping' },
    moonraker: { active_state: 'inactive', sub_state: 'fatal' },
  })
})

test('without an answer they cannot be listed', async () => {
  const ends = { code: 4, stdout: 'unix:///run/supervisor.sock no such file\n' }
  await assert.rejects(
    supervisord(ends).list(() => true),
    /unix:\/\/\/run\/supervisor\.sock no such file/,
  )
})

test('the state of one: another process is another run, and one that was given up has failed', async () => {
  const klipper = { stdout: 'klipper    RUNNING   pid 6094, uptime 1 day, 0:00:05\n' }
  const first = await supervisord(klipper).state('klipper')
  assert.deepEqual(first, { active: true, restarts: 0, since: '6094', sub: 'running' })
  const fatal = { stdout: 'klipper    FATAL     Exited too quickly\n', code: 3 }
  assert.deepEqual((await supervisord(fatal).state('klipper'))?.sub, 'failed')
  const backoff = { stdout: 'klipper    BACKOFF   Exited too quickly\n', code: 3 }
  assert.deepEqual((await supervisord(backoff).state('klipper'))?.active, false)
  const unknown = { stdout: 'klipper: ERROR (no such process)\n', code: 4 }
  assert.equal(await supervisord(unknown).state('klipper'), null)
  assert.equal(await supervisord(klipper).state('--help'), null)
})

test('an order is given with the configuration that is named', async () => {
  const { commands, asked } = answering({ stdout: 'klipper: stopped\nklipper: started\n' })
  await createSupervisordCli(commands, '/etc/s.conf').restart('klipper')
  assert.deepEqual(asked[0]?.argv, ['supervisorctl', '-c', '/etc/s.conf', 'restart', 'klipper'])
})

test('what was done already is no failure, what cannot be done is', async () => {
  await supervisord({ stdout: 'klipper: ERROR (already started)\n' }).act('start', 'klipper')
  await supervisord({ stdout: 'klipper: ERROR (not running)\nklipper: started\n' }).restart('klipper')
  for (const code of [7, 0])
    await assert.rejects(
      supervisord({ stdout: 'fail: ERROR (spawn error)\n', code }).act('start', 'fail'),
      /Could not start fail: fail: ERROR \(spawn error\)/,
    )
  await assert.rejects(supervisord({}).act('stop', '-h'), kind('refused'))
})

test('the program that a process is', async () => {
  const ends = { stdout: status, code: 3 }
  assert.equal(await supervisord(ends).serviceOf(6094), 'klipper')
  assert.equal(await supervisord(ends).serviceOf(6095), null)
})
