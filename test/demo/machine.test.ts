import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, it } from 'node:test'
import { loadConfiguration } from '../../src/config/index.js'
import { exampleConfiguration } from '../../src/contract/generated/example-conf.js'
import { setUpDemoMachine } from '../../src/demo/machine.js'
import { createCommands } from '../../src/system/commands.js'
import type { Files } from '../../src/system/files.js'
import { systemFiles } from '../../src/system/files.js'
import { makeEngine } from '../support/engine.js'
import { temporaryFolder } from '../support/folder.js'
import { git } from '../support/repositories.js'
import { gitOptions } from '../support/surroundings.js'

interface Overrides {
  readonly env?: Readonly<Record<string, string>>
  readonly files?: Files
}

const setUp = async (dataPath: string, { env = {}, files = systemFiles }: Overrides = {}): Promise<void> => {
  const commands = await createCommands({
    env: { PATH: process.env['PATH'], ...env },
    kill: (pid, signal) => process.kill(pid, signal),
  })
  await setUpDemoMachine({ dataPath, commands, files, example: exampleConfiguration })
}

const configurationOf = (dataPath: string): Promise<string> =>
  readFile(path.join(dataPath, 'config/moonraker.conf'), 'utf8')

const load = async (dataPath: string): Promise<{ path: string; origin: string; primary_branch: string }> => {
  const configFile = path.join(dataPath, 'config/moonraker.conf')
  const configuration = await loadConfiguration({ configFile, dataPath, homeFolder: '/nonexistent' })
  assert.deepEqual(configuration.warnings, [])
  const demo = configuration.applications.find(({ name }) => name === 'demo-app')
  assert.equal(demo?.type, 'git_repo')
  return demo.options
}

describe('the demo machine', () => {
  it('is an upstream with a history, and a checkout behind it', async (t) => {
    const data = await temporaryFolder(t)
    await setUp(data)
    const app = path.join(data, 'demo/demo-app')
    assert.equal(git(app, 'status', '--short', '--branch'), '## master...origin/master [behind 8]')
    assert.equal(git(app, 'describe', '--tags'), 'v1.0.0')
    assert.equal(git(app, 'describe', '--tags', 'origin/master'), 'v1.2.0')
    assert.equal(git(app, 'remote', 'get-url', 'origin'), path.join(data, 'demo/upstream.git'))
    git(app, 'fetch', '--quiet')
    git(path.join(data, 'demo/upstream.git'), 'fsck', '--strict')
    assert.deepEqual((await readdir(data)).sort(), ['config', 'demo'])
  })

  it('has a configuration that differs from the example in its addresses, and leaves this machine’s packages alone', async (t) => {
    // A comment would begin at the second sign.
    const data = path.join(await temporaryFolder(t), 'a#b #c {d}')
    await setUp(data)
    const example = exampleConfiguration.split('\n')
    const differing = (await configurationOf(data))
      .split('\n')
      .filter((line, index) => line !== example[index])
    assert.deepEqual(
      differing.map((line) => line.split(':')[0]),
      ['enable_system_updates', 'path', 'origin', 'primary_branch'],
    )
    const { path: folder, origin, primary_branch } = await load(data)
    assert.deepEqual(
      [folder, origin, primary_branch],
      [path.join(data, 'demo/demo-app'), path.join(data, 'demo/upstream.git'), 'master'],
    )
  })

  it('can be upgraded, and rolled back', async (t) => {
    const data = await temporaryFolder(t)
    await setUp(data)
    const { path: folder, origin } = await load(data)
    const bench = await makeEngine(data, { 'demo-app': gitOptions(folder, origin) })
    assert.deepEqual(
      [bench.status('demo-app').is_valid, bench.status('demo-app').commits_behind_count],
      [true, 8],
    )
    await bench.engine.upgrade('demo-app')
    assert.equal(git(folder, 'describe', '--tags'), 'v1.2.0')
    assert.equal(bench.status('demo-app').pristine, true)
    await bench.engine.rollback('demo-app')
    assert.equal(git(folder, 'describe', '--tags'), 'v1.0.0')
  })

  it('is the same every time, whatever git is configured to do', async (t) => {
    const folder = await temporaryFolder(t)
    const home = path.join(folder, 'home')
    await mkdir(home)
    await writeFile(
      path.join(home, '.gitconfig'),
      '[init]\n\tdefaultBranch = other\n[commit]\n\tgpgsign = true\n[core]\n\tautocrlf = true\n[clone]\n\tdefaultRemoteName = o\n',
    )
    await setUp(path.join(folder, 'one'))
    await setUp(path.join(folder, 'two'), { env: { HOME: home, GIT_AUTHOR_DATE: '2001-01-01T00:00:00Z' } })
    const refs = (name: string): string => git(path.join(folder, name, 'demo/upstream.git'), 'show-ref')
    assert.equal(refs('two'), refs('one'))
    assert.equal(
      git(path.join(folder, 'two/demo/demo-app'), 'status', '-sb'),
      '## master...origin/master [behind 8]',
    )
  })

  it('is left alone when there is a configuration', async (t) => {
    const data = await temporaryFolder(t)
    await mkdir(path.join(data, 'config'))
    await writeFile(path.join(data, 'config/moonraker.conf'), '[server]\n')
    await setUp(data)
    assert.deepEqual(await readdir(data), ['config'])
    assert.equal(await configurationOf(data), '[server]\n')
  })

  it('is completed by the next start after a crash at any change of a file', async (t) => {
    for (let crashAt = 0; ; crashAt += 1) {
      const data = path.join(await temporaryFolder(t), 'data')
      const counter = { left: crashAt }
      const change =
        <Args extends unknown[]>(action: (...args: Args) => Promise<void>) =>
        async (...args: Args): Promise<void> => {
          if (counter.left === 0) throw new Error('the power went')
          counter.left -= 1
          await action(...args)
        }
      const files: Files = {
        ...systemFiles,
        makeFolder: change((folder: string) => systemFiles.makeFolder(folder)),
        rename: change((from: string, to: string) => systemFiles.rename(from, to)),
        remove: change((target: string) => systemFiles.remove(target)),
        writeText: change((file: string, text: string) => systemFiles.writeText(file, text)),
      }
      const crashed = await setUp(data, { files }).then(
        () => false,
        () => true,
      )
      if (!crashed) {
        assert.ok(crashAt > 4, `only ${crashAt} changes were seen`)
        return
      }
      await setUp(data)
      await load(data)
      assert.deepEqual((await readdir(data)).sort(), ['config', 'demo'])
      git(path.join(data, 'demo/demo-app'), 'fsck', '--strict')
    }
  })

  it('keeps a demo folder whose configuration was removed', async (t) => {
    const data = await temporaryFolder(t)
    await setUp(data)
    const app = path.join(data, 'demo/demo-app')
    await writeFile(path.join(app, 'mine.txt'), 'mine')
    await rm(path.join(data, 'config'), { recursive: true })
    await setUp(data)
    assert.equal(await readFile(path.join(app, 'mine.txt'), 'utf8'), 'mine')
    await load(data)
  })

  it('says clearly that git is missing', async (t) => {
    const folder = await temporaryFolder(t)
    const data = path.join(folder, 'data')
    const setUpWithout = setUp(data, { env: { PATH: folder } })
    await assert.rejects(setUpWithout, {
      kind: 'command_failed',
      message: /git does not run here\. Install it/,
    })
    assert.equal(await systemFiles.stat(path.join(data, 'demo')), null)
    assert.equal(await systemFiles.stat(path.join(data, 'config')), null)
  })

  it('refuses a folder that cannot be written into a configuration', async (t) => {
    const data = path.join(await temporaryFolder(t), 'two\nlines')
    await assert.rejects(setUp(data), { kind: 'refused', message: /Name another data folder/ })
    assert.equal(await systemFiles.stat(data), null)
  })

  it('says what git said when it fails', async (t) => {
    const data = await temporaryFolder(t)
    const commands = await createCommands({
      env: { PATH: process.env['PATH'] },
      kill: (pid, signal) => process.kill(pid, signal),
    })
    const failing: typeof commands = {
      run: (argv, options) =>
        argv.includes('fast-import')
          ? commands.run(argv, { ...options, input: 'nonsense\n' })
          : commands.run(argv, options),
    }
    const setup = { dataPath: data, commands: failing, files: systemFiles, example: exampleConfiguration }
    await assert.rejects(setUpDemoMachine(setup), { message: /could not be made in .*nonsense/ })
    await assert.rejects(setUpDemoMachine({ ...setup, example: '[server]\n' }), { kind: 'internal' })
  })
})
