import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { strangers } from '../support/crash-scene.js'
import { Daemon, freePort } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { serveIndex, type PackageIndex } from '../support/package-index.js'
import { addPipKill } from '../support/pip-kill.js'
import { commit, git, makeUpstream, type Upstream } from '../support/repositories.js'
import { installWheel, makeVirtualenv, runScript, sitePackagesOf } from '../support/virtualenv.js'
import type { TestWheel } from '../support/wheels.js'
import { visible } from './kills.js'

const files = { 'demo/one.py': '1\n', 'demo/two.py': '2\n' }
const demo = (version: string): TestWheel => ({ name: 'demo', version, files })
const wheels = [demo('1.0'), { ...demo('2.0'), requires: ['helper'] }, { name: 'helper', version: '1.0' }]
export const file = 'requirements.txt'
export const upgrade = { method: 'machine.update.upgrade', params: { name: 'app' } }

/** One application whose code and dependencies go together. */
export interface Case {
  readonly upstream: Upstream
  readonly options: readonly string[]
  /** Makes what the old version depends on. */
  readonly install: (machine: string) => void
  readonly old: string
  readonly new: string
  /** What is asked for; without it, an upgrade of the one application. */
  readonly request?: { readonly method: string; readonly params: object }
}

export const ready = (daemon: Daemon): Promise<unknown> =>
  daemon.askUntil('machine.update.refresh', (answer) => answer.result !== undefined, { name: 'app' })

export const pythonCase = async (t: TestContext): Promise<Case & { readonly index: PackageIndex }> => {
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
export const makeMachine = async (kase: Case, folder: string): Promise<string> => {
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
    ...[
      'is_system_service: False',
      ...kase.options.map((line) => line.replace('ENV', `${machine}/env`).replace('MACHINE', machine)),
    ],
  ]
  writeFileSync(path.join(machine, 'data/config/moonraker.conf'), `${lines.join('\n')}\n`)
  return machine
}

export const headOf = (machine: string): string => git(path.join(machine, 'app'), 'rev-parse', 'HEAD')

/** Nothing is left of what was under way; a version that is kept has what it needs. */
export const checkLeftovers = (machine: string, kept: number): void => {
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
export const checkPython = (kase: Case, machine: string): void => {
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
export const judge = async (
  kase: Case,
  machine: string,
  check: (kase: Case, machine: string) => void,
): Promise<void> => {
  const daemon = new Daemon(path.join(machine, 'data'))
  try {
    await ready(daemon)
    check(kase, machine)
    const { method, params } = kase.request ?? upgrade
    await daemon.ask(method, params)
    assert.equal(headOf(machine), kase.new)
    check(kase, machine)
    assert.deepEqual(strangers(machine), [])
  } finally {
    daemon.kill('SIGTERM')
    await daemon.end()
  }
}
