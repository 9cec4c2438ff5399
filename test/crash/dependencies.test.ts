import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../support/folder.js'
import { serveRegistry } from '../support/npm-registry.js'
import { pipKillEnv } from '../support/pip-kill.js'
import { commit, makeUpstream } from '../support/repositories.js'
import {
  checkLeftovers,
  checkPython,
  headOf,
  judge,
  makeMachine,
  pythonCase,
  ready,
  upgrade,
  type Case,
} from './dependent.js'
import { killDuring, killRecovering, spread, tryOnce } from './kills.js'

/** Points tried, in the fixed sample: of the daemon's own work, of pip's, and of the recovery from one. */
const sampled = { daemon: 5, pip: 5, recovery: 2 }

const linesOf = (name: string): number =>
  existsSync(name) ? readFileSync(name, 'utf8').split('\n').length - 1 : 0

const never = { at: 0, checkout: 0 }

test('a git upgrade with Python packages that is killed is old or new, code and virtualenv together', async (t) => {
  const kase = await pythonCase(t)
  const points = { daemon: 0, pip: 0 }
  await tryOnce(t, 'never', async (folder) => {
    const machine = await makeMachine(kase, folder)
    points.daemon = await killDuring(folder, never, ready, upgrade, pipKillEnv(folder, 0))
    points.pip = linesOf(path.join(folder, 'pip-points'))
    assert.equal(headOf(machine), kase.new)
    checkPython(kase, machine)
  })
  assert.ok(points.daemon > 100 && points.pip > 20, JSON.stringify(points))
  for (const at of spread(points.daemon, sampled.daemon))
    await t.test(`the daemon's own point ${at} of ${points.daemon}`, () =>
      tryOnce(t, `at its point ${at}`, async (folder) => {
        const machine = await makeMachine(kase, folder)
        await killDuring(folder, { at, checkout: 0 }, ready, upgrade)
        await judge(kase, machine, checkPython)
      }),
    )
  for (const at of spread(points.pip, sampled.pip))
    await t.test(`change ${at} of ${points.pip} that pip makes`, () =>
      tryOnce(t, `at pip's change ${at}`, async (folder) => {
        const machine = await makeMachine(kase, folder)
        await killDuring(folder, never, ready, upgrade, pipKillEnv(folder, at))
        await judge(kase, machine, checkPython)
      }),
    )
})

test('a start that brings a virtualenv back, and is killed, brings it back at the next', async (t) => {
  const kase = await pythonCase(t)
  const killInPip = async (folder: string): Promise<string> => {
    const machine = await makeMachine(kase, folder)
    await killDuring(folder, never, ready, upgrade, pipKillEnv(folder, 12))
    return machine
  }
  let points = 0
  await tryOnce(t, 'never', async (folder) => {
    await killInPip(folder)
    points = await killRecovering(folder, 0, ready)
  })
  assert.ok(points > 20, String(points))
  for (const at of spread(points, sampled.recovery))
    await tryOnce(t, `at point ${at} of the recovery`, async (folder) => {
      const machine = await killInPip(folder)
      await killRecovering(folder, at, ready)
      await judge(kase, machine, checkPython)
    })
})

test('a git upgrade that is killed while npm runs a script is old, code and node_modules together', async (t) => {
  const registry = await serveRegistry(t)
  const upstream = makeUpstream(await temporaryFolder(t))
  const one = registry.locked({ name: 'demo', version: '1.0.0' })
  const old = commit(upstream.seed, 'old', { ...one, '.gitignore': 'node_modules/\n' })
  const install = 'test -f "$NODE_KILL_PID" && kill -9 $(cat "$NODE_KILL_PID") && sleep 60; true'
  const after = commit(upstream.seed, 'new', registry.locked({ name: 'demo', version: '2.0.0', install }))
  upstream.publish()
  const kase: Case = {
    upstream,
    old,
    new: after,
    options: ['enable_node_updates: True'],
    install: (machine) => {
      const place = path.join(machine, 'app/node_modules/demo')
      mkdirSync(place, { recursive: true })
      writeFileSync(path.join(place, 'index.js'), "module.exports = 'demo 1.0.0'\n")
    },
  }
  const check = (_: Case, machine: string): void => {
    const isNew = headOf(machine) === after
    const text = readFileSync(path.join(machine, 'app/node_modules/demo/index.js'), 'utf8')
    assert.match(text, isNew ? /demo 2\.0\.0/ : /demo 1\.0\.0/)
    checkLeftovers(machine, isNew ? 1 : 0)
  }
  await tryOnce(t, 'in a script of npm', async (folder) => {
    const machine = await makeMachine(kase, folder)
    await killDuring(folder, never, ready, upgrade, { NODE_KILL_PID: path.join(folder, 'pid') })
    assert.notEqual(headOf(machine), old, 'the code is new, and nobody brought it back yet')
    await judge(kase, machine, check)
  })
})
