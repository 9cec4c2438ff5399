import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { makeRoots, type RootsBench } from '../support/roots.js'

const text = (file: string): string => readFileSync(file, 'utf8')

/** Uploads a text. */
const upload = async (
  bench: RootsBench,
  root: string,
  relative: string,
  content: string,
): Promise<unknown> => {
  const staged = await bench.files.stage()
  try {
    await staged.write(Buffer.from(content))
    await staged.finish()
    return await bench.files.changes.upload(staged.path, root, relative)
  } finally {
    await staged.discard()
  }
}

/** Every file below, with its content; symlinks with what they say. */
const treeOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => {
        const file = path.join(entry.parentPath, entry.name)
        return [path.relative(folder, file), entry.isSymbolicLink() ? `-> ${readlinkSync(file)}` : text(file)]
      }),
  )

test('a folder is made, and told', async (t) => {
  const { files, config, changes } = await makeRoots(t)
  const change = await files.changes.makeDirectory('config/old')
  const { mtimeMs, size } = statSync(path.join(config, 'old'))
  assert.deepEqual(change, {
    action: 'create_dir',
    item: { modified: mtimeMs / 1000, size, permissions: 'rw', path: 'old', root: 'config' },
  })
  assert.deepEqual(changes, [change])
  await assert.rejects(files.changes.makeDirectory('config/old'), {
    kind: 'refused',
    message: /exists already/,
  })
  await assert.rejects(files.changes.makeDirectory('config/a/b'), { kind: 'bad_argument' })
  assert.throws(() => files.changes.makeDirectory('gcodes/x'), { kind: 'bad_argument' })
  await assert.rejects(files.changes.makeDirectory('logs/x'), { kind: 'read_only', status: 405 })
  await assert.rejects(files.changes.makeDirectory('config'), { kind: 'bad_argument' })
  assert.equal(changes.length, 1)
})

test('a folder is removed; with what is in it only by force', async (t) => {
  const { files, config, changes, staging } = await makeRoots(t)
  symlinkSync('/etc', path.join(config, 'macros/etc'))
  await assert.rejects(files.changes.deleteDirectory('config/macros', false), {
    kind: 'refused',
    message: 'config/macros is not empty: remove what is in it first, or use force',
  })
  assert.deepEqual(await files.changes.deleteDirectory('config/macros', true), {
    action: 'delete_dir',
    item: { modified: 0, size: 0, permissions: '', path: 'macros', root: 'config' },
  })
  assert.deepEqual([existsSync(path.join(config, 'macros')), readdirSync(staging)], [false, []])
  assert.ok(existsSync('/etc/passwd'))
  mkdirSync(path.join(config, 'empty'))
  await files.changes.deleteDirectory('config/empty', false)
  assert.deepEqual(
    changes.map(({ action }) => action),
    ['delete_dir', 'delete_dir'],
  )
})

test('a root is not removed, nor what is no folder, nor what is reserved in one', async (t) => {
  const bench = await makeRoots(t, { reserved: ['config/macros/keys'] })
  const { changes } = bench.files
  symlinkSync('macros', path.join(bench.config, 'link'))
  const before = treeOf(bench.folder)
  for (const name of ['config', 'config/', 'config/.', 'config/macros/..'])
    await assert.rejects(changes.deleteDirectory(name, true), { message: 'Cannot delete root directory' })
  await assert.rejects(changes.deleteDirectory('logs', true), { kind: 'read_only' })
  for (const name of ['config/none', 'config/printer.cfg', 'config/link'])
    await assert.rejects(changes.deleteDirectory(name, true), { kind: 'bad_argument' })
  await assert.rejects(changes.deleteDirectory('config/macros', true), { kind: 'forbidden' })
  assert.deepEqual([treeOf(bench.folder), bench.changes], [before, []])
})

test('a file is removed; of a symlink, the symlink', async (t) => {
  const { files, config } = await makeRoots(t)
  symlinkSync('printer.cfg', path.join(config, 'link.cfg'))
  await files.changes.deleteFile('config/link.cfg')
  assert.equal(text(path.join(config, 'printer.cfg')), 'printer\n')
  const change = await files.changes.deleteFile('config/printer.cfg')
  assert.deepEqual([change.action, change.item.path], ['delete_file', 'printer.cfg'])
  assert.equal(existsSync(path.join(config, 'printer.cfg')), false)
  for (const name of ['config/printer.cfg', 'config/macros', 'config', 'config/none/x'])
    await assert.rejects(files.changes.deleteFile(name), { kind: 'bad_argument' })
  await assert.rejects(files.changes.deleteFile('logs/klippy.log'), { kind: 'read_only' })
  await assert.rejects(files.changes.deleteFile('config/moonkeeper.conf'), { kind: 'forbidden' })
})

test('a file and a folder are moved, into folders, and over files', async (t) => {
  const { files, config } = await makeRoots(t)
  const { changes } = files
  const moved = await changes.move('config/printer.cfg', 'config/macros')
  assert.deepEqual(
    [moved.action, moved.item.path, moved.source_item],
    ['move_file', 'macros/printer.cfg', { path: 'printer.cfg', root: 'config' }],
  )
  await changes.move('config/macros/printer.cfg', 'config/macros/start.cfg')
  assert.equal(text(path.join(config, 'macros/start.cfg')), 'printer\n')
  const folder = await changes.move('config/macros', 'config/old')
  assert.deepEqual([folder.action, folder.item.path], ['move_dir', 'old'])
  assert.deepEqual(Object.keys(treeOf(path.join(config, 'old'))), ['start.cfg'])
})

test('what cannot be moved stays', async (t) => {
  const bench = await makeRoots(t)
  const { changes } = bench.files
  mkdirSync(path.join(bench.config, 'old/macros'), { recursive: true })
  const before = treeOf(bench.folder)
  const attempts: readonly [string, string, object][] = [
    ['config/none', 'config/x', { kind: 'refused', message: /^File .*config\/none does not exist$/ }],
    ['config/macros', 'config/macros', { kind: 'refused' }],
    ['config/macros', 'config/macros/in/it', { kind: 'bad_argument' }],
    ['config/macros', 'config/old', { kind: 'refused', message: /exists already/ }],
    ['config/macros', 'config/printer.cfg', { kind: 'refused', message: /exists already/ }],
    ['config/printer.cfg', 'config/none/x.cfg', { kind: 'bad_argument' }],
    ['config/printer.cfg', 'logs/x', { kind: 'refused', message: 'Destination path is read-only: logs' }],
    [
      'logs/klippy.log',
      'config/x',
      { kind: 'refused', message: 'Source path is read-only, cannot move: logs' },
    ],
    ['config/moonkeeper.conf', 'config/mine.conf', { kind: 'forbidden' }],
    ['config/printer.cfg', 'config/moonkeeper.conf', { kind: 'forbidden' }],
    ['config/macros', 'config/moonraker.secrets', { kind: 'forbidden' }],
    ['config', 'config/old', { kind: 'bad_argument' }],
    ['config/printer.cfg', `config/${'x'.repeat(300)}`, { kind: 'refused', message: /too long/ }],
  ]
  for (const [source, destination, refusal] of attempts)
    await assert.rejects(changes.move(source, destination), refusal, `${source} ${destination}`)
  assert.deepEqual([treeOf(bench.folder), bench.changes], [before, []])
})

test('a copy has content, mode and times', async (t) => {
  const { files, config, logs, staging } = await makeRoots(t)
  const log = path.join(logs, 'klippy.log')
  chmodSync(log, 0o640)
  utimesSync(log, 1_700_000_000, 1_700_000_001)
  const copied = await files.changes.copy('logs/klippy.log', 'config')
  assert.deepEqual(
    [copied.action, copied.item.path, copied.source_item],
    ['create_file', 'klippy.log', undefined],
  )
  const to = statSync(path.join(config, 'klippy.log'))
  assert.deepEqual([to.mtimeMs, to.mode & 0o777], [1_700_000_001_000, 0o640])
  const over = await files.changes.copy('logs/klippy.log', 'config/printer.cfg')
  assert.deepEqual([over.action, text(path.join(config, 'printer.cfg'))], ['modify_file', 'line 1\nline 2\n'])
  assert.deepEqual(readdirSync(staging), [])
})

test('a folder is copied with what may be seen of it; symlinks stay symlinks', async (t) => {
  const { files, config } = await makeRoots(t, { reserved: ['config/macros/key'] })
  mkdirSync(path.join(config, 'macros/deep/.git'), { recursive: true })
  writeFileSync(path.join(config, 'macros/deep/.git/config'), 'token')
  writeFileSync(path.join(config, 'macros/deep/a.cfg'), 'a')
  writeFileSync(path.join(config, 'macros/key'), 'key')
  symlinkSync('start.cfg', path.join(config, 'macros/link.cfg'))
  spawnSync('mkfifo', [path.join(config, 'macros/pipe')])
  const copied = await files.changes.copy('config/macros', 'config/copy')
  assert.deepEqual([copied.action, copied.item.path], ['create_dir', 'copy'])
  assert.deepEqual(treeOf(path.join(config, 'copy')), {
    'start.cfg': 'start\n',
    'link.cfg': '-> start.cfg',
    'deep/a.cfg': 'a',
  })
  await assert.rejects(files.changes.copy('config/macros', 'config/copy'), { message: /exists already/ })
  await assert.rejects(files.changes.copy('config/macros', 'config/macros/deep/x'), {
    message: 'x is in the folder that is copied',
  })
})

test('what may not be seen is not copied, and nothing is copied over what is reserved', async (t) => {
  const bench = await makeRoots(t)
  symlinkSync(path.join(bench.outside, 'secret'), path.join(bench.config, 'x.cfg'))
  symlinkSync(bench.outside, path.join(bench.config, 'out'))
  const before = treeOf(bench.folder)
  const attempts: readonly [string, string, string][] = [
    ['config/moonkeeper.conf', 'config/mine.conf', 'forbidden'],
    ['config/moonraker.secrets', 'config/mine.conf', 'forbidden'],
    ['config/x.cfg', 'config/mine.conf', 'forbidden'],
    ['config/out', 'config/mine', 'forbidden'],
    ['config/printer.cfg', 'config/moonkeeper.conf', 'forbidden'],
    ['config/printer.cfg', 'config/x.cfg', 'forbidden'],
    ['config/printer.cfg', 'config/out/new', 'forbidden'],
    ['config/printer.cfg', 'config/out', 'forbidden'],
    ['config/none', 'config/x', 'refused'],
    ['config/printer.cfg', 'logs/x', 'refused'],
  ]
  for (const [source, destination, kind] of attempts)
    await assert.rejects(bench.files.changes.copy(source, destination), { kind }, `${source} ${destination}`)
  assert.deepEqual([treeOf(bench.folder), bench.changes], [before, []])
})

test('an upload makes its folders, and takes the place of a file with its mode', async (t) => {
  const bench = await makeRoots(t)
  const { config } = bench
  const made = await upload(bench, 'config', 'a/b/new.cfg', 'new')
  assert.equal((made as { action: string }).action, 'create_file')
  assert.equal(text(path.join(config, 'a/b/new.cfg')), 'new')
  chmodSync(path.join(config, 'printer.cfg'), 0o600)
  const over = await upload(bench, 'config', '/printer.cfg', 'changed')
  assert.deepEqual((over as { action: string }).action, 'modify_file')
  const { mode } = statSync(path.join(config, 'printer.cfg'))
  assert.deepEqual([text(path.join(config, 'printer.cfg')), mode & 0o777], ['changed', 0o600])
  assert.deepEqual(readdirSync(bench.staging), [])
})

test('an upload over a symlink goes where that leads, as long as it is in the root', async (t) => {
  const bench = await makeRoots(t)
  const { config, outside, application } = bench
  symlinkSync('../config/macros/start.cfg', path.join(config, 'link.cfg'))
  symlinkSync(path.join(outside, 'secret'), path.join(config, 'out.cfg'))
  symlinkSync(path.join(application, 'client.cfg'), path.join(config, 'client.cfg'))
  symlinkSync('moonkeeper.conf', path.join(config, 'mine.conf'))
  symlinkSync('nowhere', path.join(config, 'broken.cfg'))
  symlinkSync(outside, path.join(config, 'out'))
  await upload(bench, 'config', 'link.cfg', 'through')
  assert.equal(text(path.join(config, 'macros/start.cfg')), 'through')
  assert.ok(lstatSync(path.join(config, 'link.cfg')).isSymbolicLink())
  const before = treeOf(bench.folder)
  const attempts: readonly [string, string][] = [
    ['out.cfg', 'forbidden'],
    ['client.cfg', 'forbidden'],
    ['mine.conf', 'forbidden'],
    ['broken.cfg', 'refused'],
    ['out/new.cfg', 'forbidden'],
    ['out/deep/new.cfg', 'forbidden'],
    ['moonkeeper.conf', 'forbidden'],
    ['macros/moonkeeper.conf', 'forbidden'],
    ['moonkeeper.conf/x', 'forbidden'],
    ['.git/hooks/post-checkout', 'forbidden'],
    ['macros/x.moonkeeper-tmp', 'forbidden'],
    ['printer.cfg/x', 'bad_argument'],
    ['macros', 'refused'],
    ['', 'bad_argument'],
    ['..', 'bad_argument'],
    ['../outside/x', 'bad_argument'],
    ['x'.repeat(300), 'refused'],
  ]
  for (const [name, kind] of attempts)
    await assert.rejects(upload(bench, 'config', name, 'evil'), { kind }, name)
  await assert.rejects(upload(bench, 'logs', 'x', ''), { message: 'Invalid root request: logs' })
  await assert.rejects(upload(bench, 'gcodes', 'x', ''), { message: 'Root gcodes not available' })
  assert.deepEqual(treeOf(bench.folder), before)
})

test('without write access nothing is written', async (t) => {
  const bench = await makeRoots(t, { writable: false })
  const { changes } = bench.files
  const before = treeOf(bench.folder)
  await assert.rejects(upload(bench, 'config', 'x', ''), { kind: 'refused' })
  await assert.rejects(changes.deleteFile('config/printer.cfg'), { kind: 'read_only' })
  await assert.rejects(changes.deleteDirectory('config/macros', true), { kind: 'read_only' })
  await assert.rejects(changes.makeDirectory('config/x'), { kind: 'read_only' })
  await assert.rejects(changes.move('config/printer.cfg', 'config/x'), { kind: 'refused' })
  await assert.rejects(changes.copy('config/printer.cfg', 'config/x'), { kind: 'refused' })
  await assert.rejects(changes.zip('config/x.zip', ['config'], false), { kind: 'refused' })
  const { root_info: info, files } = await bench.files.directory('config')
  assert.deepEqual([info.permissions, files[2]?.permissions], ['r', 'r'])
  assert.deepEqual(treeOf(bench.folder), before)
})

describe('an archive', () => {
  /** As Python's zipfile, which also checks it, sees it. */
  const unpacked = (file: string): Record<string, string> => {
    const script =
      'import json,sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n' +
      'print(json.dumps({i.filename: z.read(i).decode() for i in z.infolist()}))'
    const { stdout, stderr } = spawnSync('python3', ['-c', script, file], { encoding: 'utf8' })
    assert.equal(stderr, '')
    return JSON.parse(stdout) as Record<string, string>
  }

  for (const store of [false, true])
    test(`${store ? 'stored' : 'packed'} has files, and the files of folders, each once`, async (t) => {
      const { files, config, staging } = await makeRoots(t)
      const large = 'large '.repeat(100_000)
      writeFileSync(path.join(config, 'ünter.cfg'), large)
      writeFileSync(path.join(config, 'empty.cfg'), '')
      const items = ['config', 'config/macros', 'config/printer.cfg', 'logs/klippy.log']
      const change = await files.changes.zip('config/all.zip', items, store)
      assert.deepEqual([change.action, change.item.path], ['create_file', 'all.zip'])
      const archive = path.join(config, 'all.zip')
      assert.deepEqual(unpacked(archive), {
        'config/empty.cfg': '',
        'config/printer.cfg': 'printer\n',
        'config/ünter.cfg': large,
        'config/macros/start.cfg': 'start\n',
        'logs/klippy.log': 'line 1\nline 2\n',
      })
      assert.equal(statSync(archive).size > large.length, store)
      assert.deepEqual(readdirSync(staging), [])
    })

  test('of what may not be seen is refused, and leaves nothing', async (t) => {
    const bench = await makeRoots(t)
    symlinkSync(bench.outside, path.join(bench.config, 'out'))
    const before = treeOf(bench.folder)
    const { changes } = bench.files
    const attempts: readonly [string, string[], string][] = [
      ['config/x.zip', [], 'bad_argument'],
      ['config/x.zip', ['config/none'], 'bad_argument'],
      ['config/x.zip', ['config/moonkeeper.conf'], 'forbidden'],
      ['config/x.zip', ['config/out'], 'forbidden'],
      ['config/none/x.zip', ['config'], 'bad_argument'],
      ['config/macros', ['config'], 'refused'],
      ['config/moonkeeper.conf', ['config'], 'forbidden'],
      ['logs/x.zip', ['config'], 'refused'],
    ]
    for (const [destination, items, kind] of attempts)
      await assert.rejects(changes.zip(destination, items, false), { kind }, destination + items.join())
    assert.throws(() => changes.zip('config/x.zip', ['gcodes'], false), { kind: 'bad_argument' })
    assert.deepEqual([treeOf(bench.folder), bench.changes], [before, []])
  })
})
