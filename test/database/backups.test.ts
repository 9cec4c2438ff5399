import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { takeOverItems } from '../../src/database/moonraker-items.js'
import { systemFiles } from '../../src/system/files.js'
import type { Commands } from '../../src/system/commands.js'
import { makeDatabase, type DatabaseBench } from '../support/database.js'
import { fakeLog } from '../support/rpc.js'
import { realCommands } from '../support/surroundings.js'

/** A database as Moonraker writes it, of these rows: namespace, key, and the packed value in Python. */
const makeSqlite = (file: string, rows: readonly (readonly [string, string, string])[]): void => {
  mkdirSync(path.dirname(file), { recursive: true })
  const script = [
    'import sqlite3, struct, sys',
    'db = sqlite3.connect(sys.argv[1])',
    'db.execute("CREATE TABLE namespace_store (namespace TEXT NOT NULL, key TEXT NOT NULL, value record NOT NULL, PRIMARY KEY (namespace, key))")',
    `db.executemany("INSERT INTO namespace_store VALUES (?,?,?)", [${rows.map(([ns, key, value]) => `(${JSON.stringify(ns)}, ${JSON.stringify(key)}, ${value})`).join(', ')}])`,
    'db.commit()',
  ].join('\n')
  const { status, stderr } = spawnSync('python3', ['-c', script, file], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}

const rows = [
  ['mainsail', 'initVersion', `b"s" + "2.18.2 \u00fc".encode()`],
  ['mainsail', 'view', `b'{"a": [1, null, {"__proto__": 1}]}'`],
  ['mainsail', 'list', `b'[1, 2]'`],
  ['mainsail', 'count', `b"q" + struct.pack("q", -9007199254740993)`],
  ['mainsail', 'ratio', `b"d" + struct.pack("d", 1.5)`],
  ['mainsail', 'yes', `b"?" + struct.pack("?", True)`],
  ['mainsail', 'none', `b"\\0"`],
  ['mainsail', 'odd', `b"!what"`],
  ['moonraker', 'instance_id', `b"s" + b"0123456789abcdef0123456789abcdef"`],
  ['database', 'protected_namespaces', `b'["gcode_metadata", "timelapse"]'`],
  ['database', 'unsafe_shutdowns', `b"q" + struct.pack("q", 3)`],
  ['gcode_metadata', 'a.gcode', `b'{"size": 1}'`],
  ['update_manager', 'klipper', `b'{"is_valid": true}'`],
] as const

const takenOver = {
  mainsail: `{"initVersion":"2.18.2 ü","view":{"a":[1,null,{"__proto__":1}]},"list":[1,2],"count":-9007199254740992,"ratio":1.5,"yes":true,"none":null}`,
}

const takeOver = async (bench: DatabaseBench, file: string, commands?: Commands): Promise<string[]> => {
  const warnings: string[] = []
  await takeOverItems({
    file,
    database: bench.store,
    files: systemFiles,
    commands: commands ?? (await realCommands()),
    log: fakeLog(),
    warn: (text) => warnings.push(text),
  })
  return warnings
}

test('what is restored is what was there at the backup, and that can be taken back', async (t) => {
  const { items, backups, folder, store } = await makeDatabase(t)
  await items.post('ns', 'a', 'old')
  assert.equal(await backups.make('one.db'), path.join(folder, 'backups/one.db'))
  await items.post('ns', 'a', 'new')
  await items.post('other', 'b', 1)
  assert.deepEqual(await backups.restore('one.db'), ['ns'])
  assert.deepEqual([items.get('ns', null), store.namespaces()], [{ a: 'old' }, ['ns', 'database']])
  assert.deepEqual(await backups.list(), ['before-last-restore.db', 'one.db'])
  await backups.restore('before-last-restore.db')
  assert.deepEqual([items.get('ns', null), items.get('other', null)], [{ a: 'new' }, { b: 1 }])
  await backups.restore('before-last-restore.db')
  assert.deepEqual(items.get('ns', null), { a: 'old' })
})

test('a restored database is there after the next start', async (t) => {
  const bench = await makeDatabase(t)
  await bench.items.post('ns', 'a', 'old')
  await bench.backups.make('one.db')
  await bench.items.post('ns', 'a', 'new')
  await bench.backups.restore('one.db')
  await bench.items.post('ns', 'b', 1)
  assert.deepEqual((await bench.reopened()).items.get('ns', null), { a: 'old', b: 1 })
})

test('without a name a backup has the time in its name; one of ours is replaced, another file is not', async (t) => {
  const { items, backups, folder } = await makeDatabase(t)
  assert.match(await backups.make(null), /moonkeeper-backup-\d{8}-\d{6}\.db$/)
  await backups.make('one.db')
  await items.post('ns', 'a', 1)
  await Promise.all([backups.make('one.db'), backups.make('one.db')])
  assert.match(readFileSync(path.join(folder, 'backups/one.db'), 'utf8'), /\["ns","a",1\]/)
  writeFileSync(path.join(folder, 'backups/mine.txt'), 'mine')
  await assert.rejects(backups.make('mine.txt'), { kind: 'refused' })
  assert.equal(readFileSync(path.join(folder, 'backups/mine.txt'), 'utf8'), 'mine')
})

test('a backup is removed by its name', async (t) => {
  const { backups, folder } = await makeDatabase(t)
  await backups.make('one.db')
  assert.equal(await backups.remove('one.db'), path.join(folder, 'backups/one.db'))
  assert.deepEqual(await backups.list(), [])
  await assert.rejects(backups.remove('one.db'), {
    kind: 'not_found',
    message: 'Backup file one.db does not exist',
  })
})

describe('names that are paths, or no names', () => {
  for (const name of [
    '',
    '.',
    '..',
    '../x',
    '/etc/passwd',
    'a/b',
    'a\0b',
    '.hidden',
    'x'.repeat(300),
    '..\n',
  ])
    test(JSON.stringify(name.slice(0, 20)), async (t) => {
      const { backups } = await makeDatabase(t)
      const refusal = { kind: 'bad_argument', message: /^Invalid name / }
      assert.throws(() => backups.make(name), refusal)
      assert.throws(() => backups.remove(name), refusal)
      assert.throws(() => backups.restore(name), refusal)
    })
})

test('what is no backup changes nothing', async (t) => {
  const { items, backups, folder } = await makeDatabase(t)
  await items.post('ns', 'a', 1)
  const whole = await backups.make('whole.db')
  const place = (name: string): string => path.join(folder, 'backups', name)
  writeFileSync(place('cut.db'), readFileSync(whole).subarray(0, -3))
  writeFileSync(place('text.db'), 'text\n')
  writeFileSync(place('fake.db'), 'SQLite format 3\0 and no more')
  symlinkSync(whole, place('link.db'))
  spawnSync('mkfifo', [place('pipe.db')])
  for (const name of ['cut.db', 'text.db', 'fake.db', 'link.db', 'pipe.db', 'no.db'])
    await assert.rejects(backups.restore(name), { name: 'MoonkeeperError' }, name)
  await assert.rejects(backups.make('pipe.db'), { kind: 'refused' })
  assert.deepEqual(items.get('ns', null), { a: 1 })
  assert.equal(existsSync(place('before-last-restore.db')), false)
})

test("the items of Moonraker's database are taken over once, and it stays as it is", async (t) => {
  const bench = await makeDatabase(t)
  const file = path.join(bench.folder, 'database/moonraker-sql.db')
  makeSqlite(file, rows)
  const before = [readFileSync(file).toString('hex'), statSync(file).mtimeMs]
  await bench.items.post('mainsail', 'initVersion', 'already here')
  await bench.items.remove('mainsail', 'initVersion')
  assert.deepEqual(await takeOver(bench, file), [])
  assert.equal(JSON.stringify(bench.items.get('mainsail', null)), takenOver.mainsail)
  assert.equal(bench.items.get('moonraker', 'instance_id'), '0123456789abcdef0123456789abcdef')
  assert.deepEqual(bench.items.namespaces(), ['moonraker', 'announcements', 'mainsail'])
  await assert.rejects(bench.items.post('timelapse', 'a', 1), { kind: 'forbidden' })
  assert.deepEqual([readFileSync(file).toString('hex'), statSync(file).mtimeMs], before)

  await bench.items.remove('mainsail', 'view')
  await takeOver(await bench.reopened(), file)
  assert.throws(() => bench.items.get('mainsail', 'view'), { kind: 'not_found' })
})

test('what cannot be read is a warning, and is tried again; what was written meanwhile stays', async (t) => {
  const bench = await makeDatabase(t)
  const file = path.join(bench.folder, 'database/moonraker-sql.db')
  makeSqlite(file, rows)
  const missing: Commands = { run: (argv) => Promise.reject(new Error(`no ${argv[0]}`)) }
  const [warning] = await takeOver(bench, file, missing)
  assert.match(
    warning ?? '',
    /were not taken over.*no python3; sqlite3: no sqlite3.*python3 or sqlite3 is needed/s,
  )
  await bench.items.post('mainsail', 'initVersion', 'new')
  assert.deepEqual(await takeOver(bench, file), [])
  assert.equal(bench.items.get('mainsail', 'initVersion'), 'new')
  assert.equal(bench.items.get('mainsail', 'ratio'), 1.5)
})

test('a machine without Moonraker: nothing is asked, also when its database comes later', async (t) => {
  const bench = await makeDatabase(t)
  const file = path.join(bench.folder, 'database/moonraker-sql.db')
  assert.deepEqual(await takeOver(bench, file), [])
  makeSqlite(file, rows)
  await takeOver(bench, file)
  assert.deepEqual(bench.items.namespaces(), ['moonraker', 'announcements'])
})

test("without Python SQLite's own command is asked", async (t) => {
  const bench = await makeDatabase(t)
  const file = path.join(bench.folder, 'database/moonraker-sql.db')
  makeSqlite(file, rows)
  const real = await realCommands()
  const commands: Commands = {
    run: (argv, options) =>
      argv[0] === 'python3' ? Promise.reject(new Error('none')) : real.run(argv, options),
  }
  assert.deepEqual(await takeOver(bench, file, commands), [])
  assert.deepEqual(bench.items.get('mainsail', 'list'), [1, 2])
})

test('a backup that Moonraker made can be restored', async (t) => {
  const { items, backups, folder } = await makeDatabase(t)
  makeSqlite(path.join(folder, 'backups/sqldb-backup.db'), rows)
  assert.deepEqual(await backups.list(), ['sqldb-backup.db'])
  assert.deepEqual(await backups.restore('sqldb-backup.db'), ['mainsail', 'moonraker', 'database'])
  assert.equal(JSON.stringify(items.get('mainsail', null)), takenOver.mainsail)
})
