import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { test, type TestContext } from 'node:test'
import { Daemon, freePort, projectRoot } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { serveIndex } from '../support/package-index.js'
import { appOf, nothingLeft } from '../support/python-scene.js'
import { installWheel, makeVirtualenv, runScript, sitePackagesOf, treeOf } from '../support/virtualenv.js'
import { spread } from './kills.js'

const preload = ['--import', pathToFileURL(path.join(projectRoot, 'test/support/kill-at.mjs')).href]

type Method = 'machine.update.upgrade' | 'machine.update.rollback'
type Entry = Readonly<Record<string, unknown>>

const entryOf = (answer: { result?: unknown } | null): Entry | undefined =>
  (answer?.result as { version_info?: Record<string, Entry> } | undefined)?.version_info?.['app']

const looked = (daemon: Daemon): Promise<Entry | undefined> =>
  daemon
    .askUntil('machine.update.status', (answer) => entryOf(answer)?.['remote_version'] === '2.0.0')
    .then(entryOf)

/** One machine, always in the same place: a virtualenv works in no other. */
class Machine {
  readonly folder: string
  readonly virtualenv: string
  readonly hold: string
  private readonly aside: string

  constructor(private readonly above: string) {
    this.folder = path.join(above, 'machine')
    this.virtualenv = path.join(this.folder, 'venv')
    this.hold = path.join(this.folder, '.moonkeeper/app')
    this.aside = path.join(above, 'saved')
  }

  async make(index: string): Promise<void> {
    makeVirtualenvWithHook(this.virtualenv)
    const lines = [
      ...['[server]', 'host: 127.0.0.1', `port: ${await freePort()}`],
      `klippy_uds_address: ${path.join(this.folder, 'no-klipper')}`,
      ...['[machine]', 'provider: none', '[update_manager]', 'enable_system_updates: False'],
      ...['[update_manager app]', 'type: python', `virtualenv: ${this.virtualenv}`, 'project_name: toyapp'],
      ...['is_system_service: False', 'pip_environment_variables:', `  PIP_INDEX_URL=${index}`],
      ...['  PIP_CONFIG_FILE=/dev/null', '  PIP_NO_CACHE_DIR=1', '  PIP_RETRIES=0'],
    ]
    mkdirSync(path.join(this.folder, 'data/config'), { recursive: true })
    writeFileSync(path.join(this.folder, 'data/config/moonraker.conf'), `${lines.join('\n')}\n`)
  }

  save(): void {
    rmSync(this.aside, { recursive: true, force: true })
    execFileSync('cp', ['-a', this.folder, this.aside])
  }

  restore(): void {
    rmSync(this.folder, { recursive: true, force: true })
    execFileSync('cp', ['-a', this.aside, this.folder])
  }

  daemon(env: Readonly<Record<string, string>> = {}, options: readonly string[] = []): Daemon {
    return new Daemon(path.join(this.folder, 'data'), env, options)
  }

  /** Runs something to its end. */
  async whole(method: Method, more: object = {}): Promise<void> {
    const daemon = this.daemon()
    await looked(daemon)
    const answer = await daemon.ask(method, { name: 'app', ...more })
    assert.equal(answer?.error, undefined)
    daemon.kill('SIGTERM')
    await daemon.end()
  }

  file(name: string): string {
    return path.join(this.above, name)
  }
}

const makeVirtualenvWithHook = (folder: string): void => {
  makeVirtualenv(folder)
  installWheel(folder, appOf('1.0.0'))
  const packages = sitePackagesOf(folder)
  const hook = path.join(projectRoot, 'test/support/kill_in_pip.py')
  copyFileSync(hook, path.join(packages, 'kill_in_pip.py'))
  writeFileSync(path.join(packages, 'kill_in_pip.pth'), 'import kill_in_pip\n')
}

interface Points {
  readonly own: number
  readonly pip: number
}

/** Killed at the Nth point of the daemon's own work, or of pip's (0: not). @returns how many there were */
const runKilled = async (machine: Machine, method: Method, at: Points): Promise<Points> => {
  machine.restore()
  const [armed, own, pip] = ['armed', 'points', 'pip-points'].map((name) => machine.file(name)) as [
    string,
    string,
    string,
  ]
  for (const file of [armed, own, pip]) rmSync(file, { force: true })
  const env = {
    ...{ KILL_AT: String(at.own), KILL_ARM_FILE: armed, KILL_COUNT_FILE: own },
    ...{ KILL_IN_PIP_AT: String(at.pip), KILL_IN_PIP_COUNT_FILE: pip },
  }
  const daemon = machine.daemon(env, preload)
  await looked(daemon)
  writeFileSync(armed, '')
  await daemon.ask(method, { name: 'app' })
  if (daemon.alive) daemon.kill('SIGKILL')
  await daemon.end()
  return {
    own: readFileSync(own, 'utf8').split('\n').length - 1,
    pip: existsSync(pip) ? Number(readFileSync(pip, 'utf8')) : 0,
  }
}

/** Starts for good: what is there is whole, works, and is what is told; and the next operation works. */
const judge = async (
  machine: Machine,
  method: Method,
  trees: readonly (readonly string[])[],
): Promise<void> => {
  const daemon = machine.daemon()
  try {
    const entry = await looked(daemon)
    const tree = treeOf(machine.virtualenv)
    const found = trees.findIndex((one) => JSON.stringify(one) === JSON.stringify(tree))
    assert.notEqual(found, -1, `neither the old nor the new version: ${tree.join('\n')}`)
    const version = ['1.0.0', '2.0.0'][method === 'machine.update.upgrade' ? found : 1 - found] ?? ''
    assert.equal(runScript(machine.virtualenv, 'toyapp'), `toyapp ${version}`)
    const python = path.join(machine.virtualenv, 'bin/python')
    const imported = execFileSync(python, ['-c', 'import toyapp; print(toyapp.__version__)'], {
      encoding: 'utf8',
    })
    assert.equal(imported.trim(), version)
    assert.deepEqual([entry?.['version'], entry?.['is_valid']], [version, true])
    if (found === 0) assert.equal((await daemon.ask(method, { name: 'app' }))?.result, 'ok')
    assert.deepEqual(treeOf(machine.virtualenv), trees[1])
    const data = path.join(machine.folder, 'data/moonkeeper')
    nothingLeft({ virtualenv: machine.virtualenv, hold: machine.hold, bench: { dataFolder: data } })
    assert.equal(readdirSync(machine.hold).length, 1)
  } finally {
    daemon.kill('SIGTERM')
    await daemon.end()
  }
}

const nowhere: Points = { own: 0, pip: 0 }

const trials = async (t: TestContext, machine: Machine, method: Method, sampled: Points): Promise<void> => {
  const old = treeOf(machine.virtualenv)
  const most = await runKilled(machine, method, nowhere)
  const trees = [old, treeOf(machine.virtualenv)]
  const kills = [
    ...spread(most.own, sampled.own).map((own) => ({ ...nowhere, own })),
    ...(most.pip === 0 ? [] : spread(most.pip, sampled.pip).map((pip) => ({ ...nowhere, pip }))),
  ]
  for (const kill of kills) {
    try {
      await runKilled(machine, method, kill)
      await judge(machine, method, trees)
    } catch (thrown) {
      throw new Error(`killed at ${JSON.stringify(kill)} of ${JSON.stringify(most)}: ${String(thrown)}`, {
        cause: thrown,
      })
    }
  }
  t.diagnostic(`${method}: ${kills.length} kills at points of ${JSON.stringify(most)}`)
  assert.ok(most.own > 20)
}

test('the old or the new version runs after a kill in an upgrade or a rollback of a Python package', async (t) => {
  const index = await serveIndex(t, [appOf('1.0.0'), appOf('2.0.0')])
  const machine = new Machine(await temporaryFolder(t))
  await machine.make(index.url)
  await machine.whole('machine.update.upgrade', { until: 'prepared' })
  // What was prepared needs no index any more.
  index.fault = 'broken'
  machine.save()
  await trials(t, machine, 'machine.update.upgrade', { own: 5, pip: 6 })
  machine.restore()
  await machine.whole('machine.update.upgrade')
  machine.save()
  await trials(t, machine, 'machine.update.rollback', { own: 4, pip: 0 })
})
