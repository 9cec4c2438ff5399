import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { MoonkeeperError } from '../../src/contract/error.js'
import { createPower } from '../../src/machine/power.js'
import { systemFiles } from '../../src/system/files.js'
import { writeFiles } from '../support/config.js'
import { projectRoot } from '../support/daemon.js'
import { temporaryFolder } from '../support/folder.js'
import { git } from '../support/repositories.js'
import { quickClock, setScene } from '../support/set-bench.js'

const names = ['one', 'two']
const question = { goal: 'upgrade', names, version: null, hard: false, check: 'all' } as const

test('all that could be in the way is told, and nothing is changed', async (t) => {
  const at = await setScene(t, names)
  const before = await Promise.all(names.map((name) => at.state(name)))
  const quiet = await at.bench.engine.plan(question)
  assert.deepEqual([quiet.warnings, quiet.applications.map(({ warnings }) => warnings)], [[], [[], []]])
  const monitors = path.join(at.folder, 'hwmon')
  await writeFiles(monitors, { 'hwmon0/name': 'rpi_volt\n', 'hwmon0/in0_lcrit_alarm': '1\n' })
  at.world.power = createPower(systemFiles, monitors)
  at.world.minFreeSpace = Number.MAX_SAFE_INTEGER
  const two = path.join(at.folder, 'two')
  at.world.files = { ...systemFiles, mayWrite: async (folder) => folder !== two }
  const plan = await at.bench.engine.plan(question)
  assert.match(plan.warnings.join('\n'), /^The power supply is too weak \(under-voltage\)/)
  const [one, other] = plan.applications.map(({ warnings }) => warnings.join('\n'))
  assert.match(one ?? '', /too little free space .*no_space/)
  assert.doesNotMatch(one ?? '', /may not be written/)
  assert.ok(other?.includes(`${two} may not be written. Look who owns it: ls -ld ${two}`), other)
  assert.equal(plan.hash, quiet.hash)
  assert.deepEqual(await Promise.all(names.map((name) => at.state(name))), before)
  assert.deepEqual(at.bench.lines, [])
})

test('a clock that was never set is told', async (t) => {
  const at = await setScene(t, names, (world) => {
    world.clock = { ...quickClock, now: () => 86_400_000 }
  })
  const { warnings } = await at.bench.engine.plan(question)
  assert.match(warnings.join('\n'), /^The clock says 1970-01-02: .*timedatectl$/)
})

test('check "input" asks nobody and no disk, and refuses what cannot be', async (t) => {
  const at = await setScene(t, names)
  const never = (): never => {
    throw new Error('nothing may be asked')
  }
  at.world.commands = { run: never }
  at.world.files = { ...systemFiles, freeSpace: never, mayWrite: never, stat: never }
  at.world.power = { underVoltage: never }
  const input = { ...question, check: 'input' } as const
  const plan = await at.bench.engine.plan(input)
  const tip = git(at.upstream.seed, 'rev-parse', 'master')
  assert.deepEqual(
    plan.applications.map(({ name, needed, to }) => [name, needed, to.id]),
    names.map((name) => [name, true, tip]),
  )
  assert.match(plan.applications[0]?.warnings.join() ?? '', /Only the arguments were looked at/)
  // Whether it is another version is not known without looking.
  const named = await at.bench.engine.plan({ ...input, names: ['one'], version: 'v1.0.0' })
  assert.equal(named.applications[0]?.needed, true)
  const refused = async (change: object): Promise<unknown> =>
    at.bench.engine.plan({ ...input, ...change }).then(
      () => null,
      (thrown: unknown) => (thrown instanceof MoonkeeperError ? thrown.kind : thrown),
    )
  assert.equal(await refused({ names: ['nope'] }), 'unknown_application')
  assert.equal(await refused({ version: 'v1.0.0' }), 'bad_argument')
  assert.equal(await refused({ names: [] }), 'bad_argument')
  assert.equal(await refused({ names: ['one', 'one'] }), 'bad_argument')
})

/** Another user's eyes: root may write everywhere, whatever the mode says. */
const mayWriteAs = (user: number, script: string, folder: string): boolean => {
  const program =
    'const [file, folder] = process.argv.slice(1);' +
    'import(file).then(async ({ systemFiles }) => console.log(await systemFiles.mayWrite(folder)))'
  const text = execFileSync(process.execPath, ['-e', program, script, folder], {
    encoding: 'utf8',
    cwd: '/',
    env: {},
    uid: user,
    gid: user,
  })
  return text.trim() === 'true'
}

test('whether a folder may be written is told by the system', async (t) => {
  const folder = await temporaryFolder(t)
  chmodSync(folder, 0o755)
  const [mine, theirs] = [path.join(folder, 'mine'), path.join(folder, 'theirs')]
  mkdirSync(mine, { mode: 0o755 })
  mkdirSync(theirs, { mode: 0o755 })
  const user = process.getuid?.() === 0 ? 65_534 : (process.getuid?.() ?? 0)
  if (process.getuid?.() === 0) chownSync(mine, user, user)
  else chmodSync(theirs, 0o555)
  const script = path.join(folder, 'files.mjs')
  copyFileSync(path.join(projectRoot, 'dist/compiled/src/system/files.js'), script)
  chmodSync(script, 0o644)
  assert.equal(mayWriteAs(user, script, mine), true)
  assert.equal(mayWriteAs(user, script, theirs), false)
  assert.equal(mayWriteAs(user, script, path.join(folder, 'none')), false)
})
