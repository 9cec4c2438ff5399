import assert from 'node:assert/strict'
import { chmod } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import { isLockedOut, isNobodyThere } from '../../src/klippy/pace.js'
import { createKlipper } from '../../src/parts/klipper.js'
import { Notices } from '../../src/parts/notices.js'
import { Subscribers } from '../../src/transport/subscribers.js'
import { klippyRig, until } from '../support/klippy.js'

const failed = (code: string, syscall = 'connect'): Error => Object.assign(new Error(code), { code, syscall })

test('which errors mean that nobody is there, and which that this user may not look', () => {
  for (const code of ['ENOENT', 'ECONNREFUSED', 'ENOTDIR']) assert.ok(isNobodyThere(failed(code)))
  for (const code of ['EACCES', 'EPERM']) assert.ok(isLockedOut(failed(code)))
  for (const error of [
    failed('EAGAIN'),
    failed('EACCES'),
    failed('ECONNREFUSED', 'read'),
    new Error('ENOENT'),
  ])
    assert.equal(isNobodyThere(error), false)
  assert.equal(isLockedOut(failed('ENOENT')), false)
})

test('a socket that may not be opened is a warning, and whether a print runs is not known', async (t) => {
  const { klippy, connection, log } = await klippyRig(t)
  const [subscribers, notices] = [new Subscribers(), new Notices()]
  const dataStore = { gcode_store_size: 1, temperature_store_size: 1 }
  const socket = klippy.path
  const { part } = createKlipper({
    printer: connection,
    subscribers,
    dataStore,
    host: null,
    notices,
    socket,
    log,
  })
  t.after(() => part.stop())
  await klippy.listen()
  await chmod(socket, 0)
  const mayNot = process.seteuid !== undefined && process.geteuid?.() === 0
  // Root may open everything: it is somebody else for as long as that takes.
  if (mayNot) process.seteuid?.('nobody')
  t.after(() => mayNot && process.seteuid?.(0))
  connection.start()
  await until(connection, () => connection.lockedOut)
  assert.equal(connection.known, false)
  assert.deepEqual(
    notices.all().map((text) => text.slice(0, 40)),
    [`Klipper's socket ${socket}`.slice(0, 40)],
  )
  if (mayNot) process.seteuid?.(0)
  await chmod(socket, 0o600)
  await until(connection, () => connection.state === 'ready')
  await turn()
  assert.deepEqual(notices.all(), [])
})
