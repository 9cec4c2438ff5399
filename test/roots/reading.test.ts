import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import type { FileRoots } from '../../src/roots/file-roots.js'
import { makeRoots } from '../support/roots.js'

const contentOf = async (files: FileRoots, root: string, relative: string): Promise<string> => {
  const file = await files.open(root, relative)
  try {
    const parts: Buffer[] = []
    for await (const chunk of file.chunks(0, file.size)) parts.push(chunk)
    return Buffer.concat(parts).toString()
  } finally {
    await file.close()
  }
}

const namesOf = async (files: FileRoots, directory: string): Promise<Record<string, string>> => {
  const { dirs, files: listed } = await files.directory(directory)
  return Object.fromEntries([
    ...dirs.map(({ dirname, permissions }) => [`${dirname}/`, permissions]),
    ...listed.map(({ filename, permissions }) => [filename, permissions]),
  ]) as Record<string, string>
}

/** Of this process, on what is in a folder. */
const openIn = (folder: string): readonly string[] =>
  readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${name}`)
      return target.startsWith(folder) ? [target] : []
    } catch {
      return []
    }
  })

test('a folder tells its files and folders, and what is left of the disk', async (t) => {
  const { files, config } = await makeRoots(t)
  const { dirs, files: listed, disk_usage: disk, root_info: info } = await files.directory('config')
  assert.deepEqual(
    [dirs.map(({ dirname }) => dirname), listed.map(({ filename }) => filename), info],
    [
      ['macros'],
      ['moonkeeper.conf', 'moonraker.secrets', 'printer.cfg'],
      { name: 'config', permissions: 'rw' },
    ],
  )
  const { mtimeMs, size } = statSync(path.join(config, 'printer.cfg'))
  assert.deepEqual(listed[2], { filename: 'printer.cfg', modified: mtimeMs / 1000, size, permissions: 'rw' })
  assert.ok(disk.total > 0 && disk.free > 0 && disk.used > 0 && disk.used + disk.free <= disk.total)
  assert.deepEqual((await files.directory('/logs/')).root_info, { name: 'logs', permissions: 'r' })
  assert.deepEqual(await namesOf(files, 'config/./x/../macros'), { 'start.cfg': 'rw' })
})

test('every file of a root, in all of its folders, by name without case', async (t) => {
  const { files, config } = await makeRoots(t)
  writeFileSync(path.join(config, 'Old.cfg'), '')
  symlinkSync('..', path.join(config, 'macros/circle'))
  const listed = await files.list('config')
  assert.deepEqual(
    listed.map((file) => file.path),
    ['macros/start.cfg', 'moonkeeper.conf', 'moonraker.secrets', 'Old.cfg', 'printer.cfg'],
  )
})

test('what is no root is refused', async (t) => {
  const { files, logs } = await makeRoots(t)
  await assert.rejects(files.list('nope'), {
    kind: 'bad_argument',
    message: 'Failed to build file list, invalid path: nope: None',
  })
  for (const name of ['', '/', '..', '../etc', 'gcodes/x', '__proto__', '.', 'config/../..'])
    await assert.rejects(files.directory(name), { kind: 'bad_argument' }, name)
  await assert.rejects(files.open('gcodes', 'x'), { kind: 'not_found' })
  rmSync(logs, { recursive: true })
  await assert.rejects(files.list('logs'), { kind: 'bad_argument' })
  await assert.rejects(files.directory('logs'), { kind: 'not_found' })
})

test('a folder that is none, or is not there', async (t) => {
  const { files } = await makeRoots(t)
  for (const name of [
    'config/none',
    'config/printer.cfg',
    'config/printer.cfg/x',
    `config/${'x'.repeat(5000)}`,
  ])
    await assert.rejects(files.directory(name), {
      kind: 'bad_argument',
      message: /^Directory does not exist/,
    })
})

test('files are read, also where a symlink leads within the root or into an application', async (t) => {
  const { files, config, application } = await makeRoots(t)
  symlinkSync('printer.cfg', path.join(config, 'inner.cfg'))
  symlinkSync(path.join(application, 'client.cfg'), path.join(config, 'client.cfg'))
  symlinkSync(application, path.join(config, 'application'))
  assert.equal(await contentOf(files, 'config', 'printer.cfg'), 'printer\n')
  assert.equal(await contentOf(files, 'config', 'macros/../macros//start.cfg'), 'start\n')
  assert.equal(await contentOf(files, 'config', 'inner.cfg'), 'printer\n')
  assert.equal(await contentOf(files, 'config', 'client.cfg'), 'client\n')
  assert.equal(await contentOf(files, 'config', 'application/client.cfg'), 'client\n')
  const { 'inner.cfg': inner, 'client.cfg': client, 'application/': folder } = await namesOf(files, 'config')
  assert.deepEqual([inner, client, folder], ['r', 'r', 'r'])
  assert.deepEqual(await namesOf(files, 'config/application'), { 'client.cfg': 'r' })
})

describe('what nobody reads', () => {
  const attempts: readonly [name: string, prepare: (folder: string) => void, relative: string][] = [
    ['moonkeeper.conf', () => undefined, 'moonkeeper.conf'],
    ['the secrets', () => undefined, 'moonraker.secrets'],
    [
      'a moonkeeper.conf elsewhere',
      (at) => writeFileSync(`${at}/config/macros/moonkeeper.conf`, ''),
      'macros/moonkeeper.conf',
    ],
    ['moonkeeper.conf by a symlink', (at) => symlinkSync('moonkeeper.conf', `${at}/config/x.cfg`), 'x.cfg'],
    [
      'the secrets by a symlink to their folder',
      (at) => symlinkSync('.', `${at}/config/self`),
      'self/moonraker.secrets',
    ],
    ['a file out of the root', (at) => symlinkSync(`${at}/outside/secret`, `${at}/config/x.cfg`), 'x.cfg'],
    ['a folder out of the root', (at) => symlinkSync(`${at}/outside`, `${at}/config/out`), 'out/secret'],
    ['a file in another root', (at) => symlinkSync(`${at}/logs/klippy.log`, `${at}/config/k.log`), 'k.log'],
    [
      'a repository',
      (at) => {
        mkdirSync(`${at}/config/.git`)
        writeFileSync(`${at}/config/.git/config`, 'url = https://token@x')
      },
      '.git/config',
    ],
    [
      "an application's repository",
      (at) => {
        mkdirSync(`${at}/application/.git`)
        writeFileSync(`${at}/application/.git/config`, 'x')
        symlinkSync(`${at}/application`, `${at}/config/app`)
      },
      'app/.git/config',
    ],
    ['a device', (at) => symlinkSync('/dev/zero', `${at}/config/zero`), 'zero'],
    ['the memory of this process', (at) => symlinkSync('/proc/self/environ', `${at}/config/env`), 'env'],
  ]
  for (const [name, prepare, relative] of attempts)
    test(name, async (t) => {
      const { files, folder } = await makeRoots(t)
      prepare(folder)
      await assert.rejects(files.open('config', relative), { kind: 'forbidden' })
      const shown = await files.list('config')
      assert.ok(shown.every((file) => file.path !== relative || file.permissions === ''))
    })

  test('a symlink out of the root tells nothing of what it leads to', async (t) => {
    const { files, config, outside } = await makeRoots(t)
    symlinkSync(path.join(outside, 'secret'), path.join(config, 'x.cfg'))
    symlinkSync(outside, path.join(config, 'out'))
    await assert.rejects(files.directory('config/out'), { kind: 'forbidden' })
    const { files: listed, dirs } = await files.directory('config')
    const [out, x] = ['out', 'x.cfg'].map((name) => listed.find(({ filename }) => filename === name))
    assert.deepEqual([out?.permissions, x?.permissions, dirs.length], ['', '', 1])
    assert.notEqual(x?.size, statSync(path.join(outside, 'secret')).size)
  })
})

test('what is no file is not found, and nothing waits for it', async (t) => {
  const { files, config } = await makeRoots(t)
  spawnSync('mkfifo', [path.join(config, 'pipe')])
  symlinkSync('nowhere', path.join(config, 'broken'))
  symlinkSync('circle', path.join(config, 'circle'))
  for (const name of ['pipe', 'broken', 'circle', 'macros', '', 'none', 'printer.cfg/x', 'x'.repeat(300)])
    await assert.rejects(files.open('config', name), { kind: 'not_found' }, name)
  assert.deepEqual(Object.keys(await namesOf(files, 'config')).includes('pipe'), false)
  for (const name of ['..', '../outside/secret', 'macros/../../outside/secret', 'a\0b'])
    await assert.rejects(files.open('config', name), { kind: 'bad_argument' }, name)
})

test('a root that is a symlink itself is a root', async (t) => {
  const { files, folder, config } = await makeRoots(t)
  renameSync(config, path.join(folder, 'klipper_config'))
  symlinkSync('klipper_config', config)
  assert.equal(await contentOf(files, 'config', 'printer.cfg'), 'printer\n')
  assert.equal((await namesOf(files, 'config'))['printer.cfg'], 'rw')
  await assert.rejects(files.open('config', 'moonkeeper.conf'), { kind: 'forbidden' })
})

test('a log has an address of its own', async (t) => {
  const { files, logs, outside } = await makeRoots(t)
  const log = await files.openLog('klippy.log')
  assert.ok(log !== null)
  assert.equal(log.size, 14)
  await log.close()
  assert.equal(await files.openLog('config'), null)
  assert.equal(await files.openLog('__proto__'), null)
  await assert.rejects(files.openLog('moonraker.log'), { kind: 'not_found' })
  rmSync(path.join(logs, 'klippy.log'))
  symlinkSync(path.join(outside, 'secret'), path.join(logs, 'klippy.log'))
  await assert.rejects(files.openLog('klippy.log'), { kind: 'not_found' })
})

test('nothing stays open, whatever happened', async (t) => {
  const { files, config, folder } = await makeRoots(t)
  symlinkSync('/etc/passwd', path.join(config, 'out'))
  chmodSync(path.join(config, 'printer.cfg'), 0o600)
  for (let round = 0; round < 3; round += 1) {
    await files.list('config')
    await files.directory('config')
    await contentOf(files, 'config', 'printer.cfg')
    for (const name of ['out', 'none', 'macros', 'moonkeeper.conf'])
      await assert.rejects(files.open('config', name))
  }
  assert.deepEqual(openIn(folder), [])
})
