import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { Daemon } from '../support/daemon.js'
import { pipKillEnv } from '../support/pip-kill.js'
import { git } from '../support/repositories.js'
import { checkPython, headOf, judge, makeMachine, pythonCase, ready, type Case } from './dependent.js'
import { killDuring, spread, tryOnce, visible } from './kills.js'

/*
 * An atomic set of three applications. The one in the middle needs Python packages: one that comes before it is brought
 * back with it, and one that comes after it brings it back, packages and all.
 */

/** Points tried, in the fixed sample: of the daemon's own work, and of pip's. */
const sampled = { daemon: 5, pip: 2 }

const never = { at: 0, checkout: 0 }
const others = ['before', 'after']
const request = {
  method: 'machine.update.upgrade',
  params: { names: ['before', 'app', 'after'], atomic: true },
}

const headsOf = (machine: string): string[] =>
  others.map((name) => git(path.join(machine, name), 'rev-parse', 'HEAD'))

const setCase = async (
  t: TestContext,
): Promise<Awaited<ReturnType<typeof pythonCase>> & { request: typeof request }> => {
  const one = await pythonCase(t)
  const { url } = one.upstream
  const section = (name: string): string[] => [
    `[update_manager ${name}]`,
    'type: git_repo',
    `path: MACHINE/${name}`,
    `origin: ${url}`,
    'is_system_service: False',
  ]
  return {
    ...one,
    request,
    options: [...one.options, ...others.flatMap(section)],
    install: (machine) => {
      one.install(machine)
      for (const name of others) {
        git(machine, 'clone', '-q', url, name)
        git(path.join(machine, name), 'reset', '-q', '--hard', one.old)
      }
    },
  }
}

/** All three are of one version, the packages too. */
const check = (kase: Case, machine: string): void => {
  const head = headOf(machine)
  assert.deepEqual(headsOf(machine), [head, head])
  checkPython(kase, machine)
}

/** The first look at all three is over. */
const known = async (daemon: Daemon): Promise<void> => {
  for (const name of ['after', 'app', 'before'])
    await daemon.askUntil('machine.update.refresh', (answer) => answer.result !== undefined, { name })
}

const linesOf = (name: string): number =>
  existsSync(name) ? readFileSync(name, 'utf8').split('\n').length - 1 : 0

test('an atomic set with Python packages in its middle is all old or all new after a kill', async (t) => {
  const kase = await setCase(t)
  const points = { daemon: 0, pip: 0 }
  await tryOnce(t, 'never', async (folder) => {
    const machine = await makeMachine(kase, folder)
    points.daemon = await killDuring(folder, never, known, request, pipKillEnv(folder, 0))
    points.pip = linesOf(path.join(folder, 'pip-points'))
    assert.equal(headOf(machine), kase.new)
    check(kase, machine)
  })
  assert.ok(points.daemon > 100 && points.pip > 20, JSON.stringify(points))
  for (const at of spread(points.daemon, sampled.daemon))
    await t.test(`the daemon's own point ${at} of ${points.daemon}`, () =>
      tryOnce(t, `at its point ${at}`, async (folder) => {
        const machine = await makeMachine(kase, folder)
        await killDuring(folder, { at, checkout: 0 }, known, request)
        await judge(kase, machine, check)
      }),
    )
  for (const at of spread(points.pip, sampled.pip))
    await t.test(`change ${at} of ${points.pip} that pip makes`, () =>
      tryOnce(t, `at pip's change ${at}`, async (folder) => {
        const machine = await makeMachine(kase, folder)
        await killDuring(folder, never, known, request, pipKillEnv(folder, at))
        await judge(kase, machine, check)
      }),
    )
})

test('an atomic set whose packages cannot be had goes back whole, and says why', async (t) => {
  const kase = await setCase(t)
  kase.index.wheels = kase.index.wheels.filter(({ name }) => name !== 'helper')
  await tryOnce(t, 'never', async (folder) => {
    const machine = await makeMachine(kase, folder)
    const daemon = new Daemon(path.join(visible(folder), 'data'))
    try {
      await known(daemon)
      const answer = await daemon.ask(request.method, request.params)
      assert.match(JSON.stringify(answer), /app.*helper/s)
      assert.equal(headOf(machine), kase.old)
      check(kase, machine)
      await ready(daemon)
    } finally {
      daemon.kill('SIGTERM')
      await daemon.end()
    }
  })
})
