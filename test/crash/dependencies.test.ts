import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { strangers } from '../support/crash-scene.js'
import { Daemon, freePort } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { serveRegistry } from '../support/npm-registry.js'
import { serveIndex, type PackageIndex } from '../support/package-index.js'
import { addPipKill, pipKillEnv } from '../support/pip-kill.js'
import { commit, git, makeUpstream, type Upstream } from '../support/repositories.js'
import { installWheel, makeVirtualenv, runScript, sitePackagesOf } from '../support/virtualenv.js'
import type { TestWheel } from '../support/wheels.js'
import { killDuring, killRecovering, spread, tryOnce, visible } from './kills.js'

/** Points tried, in the fixed sample: of the daemon's own work, of pip's, and of the recovery from one. */
const sampled = { daemon: 5, pip: 5, recovery: 2 }

const files = { 'demo/one.py': '1\n', 'demo/two.py': '2\n' }
const demo = (version: string): TestWheel => ({ name: 'demo', version, files })
const wheels = [demo('1.0'), { ...demo('2.0'), requires: ['helper'] }, { name: 'helper', version: '1.0' }]
const file = 'requirements.txt'
const upgrade = { method: 'machine.update.upgrade', params: { name: 'app' } }

interface Case {
  readonly upstream: Upstream
  readonly options: readonly string[]
  /** Makes what the old version depends on. */
  readonly install: (machine: string) => void
  readonly old: string
  readonly new: string
}

const ready = (daemon: Daemon): Promise<unknown> =>
  daemon.askUntil('machine.update.refresh', (answer) => answer.result !== undefined, { name: 'app' })

const pythonCase = async (t: TestContext): Promise<Case & { readonly index: PackageIndex }> => {
  const index = await serveIndex(t, wheels)
  const upstream = makeUpstream(await temporaryFolder(t))
  const before = commit(upstream.seed, 'old', { [file]: 'demo==1.0\n', '.gitignore': 'node_modules/\n' })
  const after = commit(upstream.seed, 'new', { [file]: 'demo==2.0\n' })
  upstream.publish()
  return {
    index,
    upstream,
    old: before,
    new: after,
    options: [
      'virtualenv: ENV',
      `requirements: ${file}`,
      'pip_environment_variables:',
      `  PIP_INDEX_URL=${index.url}`,
    ],
    install: (machine) => {
      const env = path.join(machine, 'env')
      makeVirtualenv(env)
      installWheel(env, demo('1.0'))
      addPipKill(env)
    },
  }
}

/** A machine with the old version of all of it. */
const makeMachine = async (kase: Case, folder: string): Promise<string> => {
  const machine = visible(folder)
  mkdirSync(path.join(machine, 'data/config'), { recursive: true })
  const app = path.join(machine, 'app')
  git(path.dirname(machine), 'clone', '-q', kase.upstream.url, app)
  git(app, 'reset', '-q', '--hard', kase.old)
  kase.install(machine)
  const lines = [
    ...['[server]', 'host: 127.0.0.1', `port: ${await freePort()}`],
    `klippy_uds_address: ${path.join(machine, 'no-klipper')}`,
    ...['[machine]', 'provider: none', '[update_manager]', 'enable_system_updates: False'],
    ...['[update_manager app]', 'type: git_repo', `path: ${app}`, `origin: ${kase.upstream.url}`],
    ...['is_system_service: False', ...kase.options.map((line) => line.replace('ENV', `${machine}/env`))],
  ]
  writeFileSync(path.join(machine, 'data/config/moonraker.conf'), `${lines.join('\n')}\n`)
  return machine
}

const headOf = (machine: string): string => git(path.join(machine, 'app'), 'rev-parse', 'HEAD')

/** Nothing is left of what was under way; a version that is kept has what it needs. */
const checkLeftovers = (machine: string, kept: number): void => {
  const hold = path.join(machine, '.moonkeeper/app')
  assert.equal(existsSync(hold) ? readdirSync(hold).length : 0, kept)
  const left = readdirSync(path.join(machine, 'data/moonkeeper')).filter((name) =>
    /^(?:journal|work)/.test(name),
  )
  assert.deepEqual(left, [])
  assert.deepEqual(
    readdirSync(machine).filter((name) => name.startsWith('.') && name !== '.moonkeeper'),
    [],
  )
}

/** The code and what is installed are of one version, and pip is content with it. */
const checkPython = (kase: Case, machine: string): void => {
  const env = path.join(machine, 'env')
  const isNew = headOf(machine) === kase.new
  assert.equal(headOf(machine), isNew ? kase.new : kase.old)
  assert.equal(runScript(env, 'demo'), isNew ? 'demo 2.0' : 'demo 1.0')
  assert.equal(runScript(env, 'helper'), isNew ? 'helper 1.0' : null)
  const packages = readdirSync(sitePackagesOf(env)).filter((name) => /^(?:~|demo-|helper-)/.test(name))
  assert.deepEqual(
    packages.sort(),
    isNew ? ['demo-2.0.dist-info', 'helper-1.0.dist-info'] : ['demo-1.0.dist-info'],
  )
  checkLeftovers(machine, isNew ? 1 : 0)
}

/** Starts for good: all is old or all is new, and an upgrade works. */
const judge = async (
  kase: Case,
  machine: string,
  check: (kase: Case, machine: string) => void,
): Promise<void> => {
  const daemon = new Daemon(path.join(machine, 'data'))
  try {
    await ready(daemon)
    check(kase, machine)
    await daemon.ask(upgrade.method, upgrade.params)
    assert.equal(headOf(machine), kase.new)
    check(kase, machine)
    assert.deepEqual(strangers(machine), [])
  } finally {
    daemon.kill('SIGTERM')
    await daemon.end()
  }
}

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
