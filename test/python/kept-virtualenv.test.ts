import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import {
  bringAsideBack,
  bringCopyBack,
  exchangeVirtualenvs,
  exchangeVirtualenvsBack,
  keepVirtualenv,
  realFolder,
  setVirtualenvAside,
  virtualenvObstacle,
  virtualenvSize,
  type VirtualenvChange,
} from '../../src/python/kept-virtualenv.js'
import type { PythonTools } from '../../src/python/virtualenv.js'
import type { CommandResult, Commands } from '../../src/system/commands.js'
import { systemFiles, type Files } from '../../src/system/files.js'
import { temporaryFolder } from '../support/folder.js'
import { realCommands } from '../support/surroundings.js'
import { installWheel, makeBareVirtualenv, runScript, treeOf } from '../support/virtualenv.js'

interface Scene {
  readonly change: VirtualenvChange
  readonly tools: PythonTools
  readonly before: readonly string[]
  readonly hold: string
  readonly now: () => readonly string[]
}

const one = { name: 'toyapp', version: '1.0' }
const two = { name: 'toyapp', version: '2.0' }

const done: CommandResult = { code: 0, stdout: Buffer.alloc(0), stderr: '', ended: null }

/** What `mv --exchange` of coreutils 9.5 does, or an older one, whatever the machine's own is. */
const withMv = (commands: Commands, canExchange: boolean): Commands => ({
  run: async (argv, options) => {
    if (argv[0] !== 'mv') return commands.run(argv, options)
    if (!canExchange) return { ...done, code: 1, stderr: "mv: unrecognized option '--exchange'\n" }
    const [one = '', other = ''] = argv.slice(-2)
    if (!existsSync(one) || !existsSync(other)) return { ...done, code: 1 }
    renameSync(one, `${one}.between`)
    renameSync(other, one)
    renameSync(`${one}.between`, other)
    return done
  },
})

const scene = async (t: TestContext, exchange = true): Promise<Scene> => {
  const above = await temporaryFolder(t)
  const folder = path.join(above, 'venv')
  makeBareVirtualenv(folder)
  installWheel(folder, one)
  const hold = path.join(above, '.moonkeeper/app')
  const change = { folder, kept: path.join(hold, 'venv-1'), inode: statSync(folder).ino }
  const tools = { commands: withMv(await realCommands(), exchange), files: systemFiles }
  return { change, tools, before: treeOf(folder), hold, now: () => treeOf(folder) }
}

const isAsBefore = ({ now, before, change, hold }: Scene): void => {
  assert.deepEqual(now(), before)
  assert.equal(runScript(change.folder, 'toyapp'), 'toyapp 1.0')
  assert.deepEqual(existsSync(hold) ? readdirSync(hold) : [], [])
}

/** What pip does, and dies over. */
const breakIt = ({ change: { folder } }: Scene): void => {
  installWheel(folder, two)
  rmSync(path.join(folder, 'bin/python3'))
  mkdirSync(path.join(folder, 'lib/~oyapp'), { recursive: true })
}

for (const exchange of [true, false]) {
  const how = exchange ? 'exchanged at once' : 'exchanged in two renames'

  test(`a copy comes back whole, ${how}`, async (t) => {
    const found = await scene(t, exchange)
    await keepVirtualenv(found.change, found.tools)
    assert.deepEqual(treeOf(found.change.kept), found.before)
    breakIt(found)
    await bringCopyBack(found.change, found.tools)
    isAsBefore(found)
    await bringCopyBack(found.change, found.tools)
    isAsBefore(found)
  })

  test(`one that was set aside comes back whole, ${how}`, async (t) => {
    const found = await scene(t, exchange)
    await setVirtualenvAside(found.change, found.tools)
    await setVirtualenvAside(found.change, found.tools)
    assert.equal(existsSync(found.change.folder), false)
    makeBareVirtualenv(found.change.folder)
    await bringAsideBack(found.change, found.tools)
    isAsBefore(found)
    await bringAsideBack(found.change, found.tools)
    isAsBefore(found)
  })

  test(`two versions take each other's place and take it back, ${how}`, async (t) => {
    const found = await scene(t, exchange)
    const { change, tools, hold } = found
    const other = path.join(hold, 'venv-0')
    await keepVirtualenv({ ...change, kept: other }, tools)
    installWheel(change.folder, two)
    const newer = found.now()
    await exchangeVirtualenvs(change, other, tools)
    assert.deepEqual(found.now(), found.before)
    assert.deepEqual(treeOf(change.kept), newer)
    assert.deepEqual(readdirSync(hold), ['venv-1'])
    await exchangeVirtualenvs(change, other, tools)
    assert.deepEqual(found.now(), found.before)
    for (let again = 0; again < 2; again += 1) {
      await exchangeVirtualenvsBack(change, other, tools)
      assert.deepEqual(found.now(), newer)
      assert.deepEqual(treeOf(other), found.before)
      assert.deepEqual(readdirSync(hold), ['venv-0'])
    }
  })
}

test('nothing that was written in place reaches the copy', async (t) => {
  const found = await scene(t)
  await keepVirtualenv(found.change, found.tools)
  writeFileSync(path.join(found.change.folder, 'pyvenv.cfg'), 'written in place')
  assert.deepEqual(treeOf(found.change.kept), found.before)
})

test('an undo of what never began changes nothing', async (t) => {
  const found = await scene(t)
  await bringCopyBack(found.change, found.tools)
  await bringAsideBack(found.change, found.tools)
  isAsBefore(found)
  assert.equal(statSync(found.change.folder).ino, found.change.inode)
})

test('a copy that was interrupted is worth nothing', async (t) => {
  const found = await scene(t)
  mkdirSync(`${found.change.kept}.part/bin`, { recursive: true })
  await bringCopyBack(found.change, found.tools)
  isAsBefore(found)
  mkdirSync(`${found.change.kept}.part/bin`, { recursive: true })
  await keepVirtualenv(found.change, found.tools)
  assert.deepEqual(treeOf(found.change.kept), found.before)
})

/** Dies at the nth change of the disk. */
const mortal = (at: number): Files => {
  let count = 0
  const live = async <T>(work: () => Promise<T>): Promise<T> => {
    count += 1
    if (count >= at) throw new Error('killed')
    return work()
  }
  return {
    ...systemFiles,
    rename: (from, to) => live(() => systemFiles.rename(from, to)),
    remove: (target) => live(() => systemFiles.remove(target)),
    makeFolder: (folder) => live(() => systemFiles.makeFolder(folder)),
  }
}

const dyingAt = (tools: PythonTools, at: number): PythonTools => ({ ...tools, files: mortal(at) })

for (const exchange of [true, false])
  test(`an undo that is killed anywhere is finished by the next, ${exchange ? 'at once' : 'in two renames'}`, async (t) => {
    for (let at = 1; at <= 6; at += 1) {
      const found = await scene(t, exchange)
      await keepVirtualenv(found.change, found.tools)
      breakIt(found)
      await bringCopyBack(found.change, dyingAt(found.tools, at)).catch(() => null)
      await bringCopyBack(found.change, found.tools)
      isAsBefore(found)

      const other = await scene(t, exchange)
      await setVirtualenvAside(other.change, dyingAt(other.tools, at)).catch(() => null)
      await bringAsideBack(other.change, dyingAt(other.tools, at)).catch(() => null)
      await bringAsideBack(other.change, other.tools)
      isAsBefore(other)
    }
  })

test('an exchange that is killed anywhere is undone', async (t) => {
  for (const exchange of [true, false])
    for (let at = 1; at <= 4; at += 1) {
      const found = await scene(t, exchange)
      const { change, tools, hold } = found
      const other = path.join(hold, 'venv-0')
      await keepVirtualenv({ ...change, kept: other }, tools)
      installWheel(change.folder, two)
      const newer = found.now()
      await exchangeVirtualenvs(change, other, dyingAt(tools, at)).catch(() => null)
      await exchangeVirtualenvsBack(change, other, dyingAt(tools, at)).catch(() => null)
      await exchangeVirtualenvsBack(change, other, tools)
      assert.deepEqual(found.now(), newer)
      assert.deepEqual(treeOf(other), found.before)
    }
})

test('when the virtualenv is nowhere any more nothing is removed', async (t) => {
  const found = await scene(t)
  renameSync(found.change.folder, `${found.change.folder}-moved`)
  await assert.rejects(bringCopyBack(found.change, found.tools), /is neither in/)
})

test('what cannot be kept is told before', async (t) => {
  const found = await scene(t)
  const { change, tools, hold } = found
  assert.equal(await virtualenvObstacle(change.folder, hold, tools), null)
  assert.match((await virtualenvObstacle('/proc', hold, tools)) ?? '', /^\/proc is a mount point/)
  assert.match((await virtualenvObstacle(change.folder, '/dev/shm/x', tools)) ?? '', /another file system/)
  const size = await virtualenvSize(change.folder, tools)
  assert.ok(size !== null && size > 1000)
})

test('a link to a virtualenv is followed', async (t) => {
  const { change, tools } = await scene(t)
  const link = `${change.folder}-link`
  symlinkSync('venv', link)
  assert.equal(await realFolder(link, tools), change.folder)
  assert.equal(await realFolder(change.folder, tools), change.folder)
  assert.equal(await realFolder('/nowhere/at/all', tools), '/nowhere/at/all')
})
