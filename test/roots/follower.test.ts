import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import type { FileChange } from '../../src/roots/file-change.js'
import { Follower } from '../../src/roots/follower.js'
import { limits } from '../../src/roots/tree.js'
import { makeRoots, type RootsBench } from '../support/roots.js'
import { Inbox } from '../support/socket.js'

interface Scene extends RootsBench {
  readonly follower: Follower
  /** What was told of the changes of others. */
  readonly news: Inbox<FileChange>
  /** Why it does not follow any more. */
  readonly reasons: Inbox<string>
  readonly at: (name: string) => string
  readonly write: (name: string, text: string) => void
}

interface Options {
  readonly quiet?: number
  readonly longest?: number
  readonly prepare?: (bench: RootsBench) => void
}

/** Looks only when it is told to, unless a test says how soon. */
const anHour = 3_600_000

const follow = async (
  t: TestContext,
  { quiet = anHour, longest = anHour, prepare = () => undefined }: Options = {},
): Promise<Scene> => {
  const [news, reasons] = [new Inbox<FileChange>(), new Inbox<string>()]
  const bench = await makeRoots(t, {
    changed: (change) => follower.adopt(change),
  })
  const follower = new Follower({
    root: () => ({ name: 'config', path: bench.config, writable: true }),
    gate: bench.gate,
    undisturbed: (work) => bench.files.changes.undisturbed(work),
    changed: (change) => news.put(change),
    gaveUp: (reason) => reasons.put(reason),
    quiet,
    longest,
  })
  prepare(bench)
  await follower.start()
  t.after(() => follower.close())
  const at = (name: string): string => path.join(bench.config, name)
  const write = (name: string, text: string): void => writeFileSync(at(name), text)
  return Object.assign(bench, { follower, news, reasons, at, write })
}

/** What is told when it looks, each in a word. */
const told = async (scene: Scene): Promise<readonly string[]> => {
  await scene.follower.look()
  const words: string[] = []
  while (scene.news.size > 0) {
    const { action, item, source_item: from } = await scene.news.take()
    words.push([action, ...(from === undefined ? [] : [from.path]), item.path].join(' '))
  }
  return words
}

describe('what others change in config', () => {
  test('is told by itself, with what is there now', async (t) => {
    const scene = await follow(t, { quiet: 5, longest: 100 })
    scene.write('new.cfg', 'new')
    const { action, item } = await scene.news.take()
    assert.equal(action, 'create_file')
    assert.deepEqual(
      { ...item, modified: 0 },
      { path: 'new.cfg', root: 'config', size: 3, modified: 0, permissions: 'rw' },
    )
    assert.ok(item.modified > 1_600_000_000)
  })

  test('is told as soon as it is there in folders that are new, too', async (t) => {
    const scene = await follow(t, { quiet: 5, longest: 100 })
    mkdirSync(scene.at('a/b'), { recursive: true })
    assert.equal((await scene.news.take()).item.path, 'a')
    assert.equal((await scene.news.take()).item.path, 'a/b')
    scene.write('a/b/deep.cfg', 'x')
    assert.equal((await scene.news.take()).item.path, 'a/b/deep.cfg')
  })

  test('is told while somebody writes all the time', async (t) => {
    const scene = await follow(t, { quiet: anHour, longest: 100 })
    let text = ''
    const writing = setInterval(() => scene.write('busy.cfg', (text += 'x')), 10)
    const news = [(await scene.news.take()).action, (await scene.news.take()).action]
    clearInterval(writing)
    assert.deepEqual(news, ['create_file', 'modify_file'])
  })

  const changes: readonly [what: string, work: (scene: Scene) => void, ...words: string[]][] = [
    ['a change', ({ write }) => write('printer.cfg', 'other'), 'modify_file printer.cfg'],
    [
      'an editor that renames a new file over the old',
      ({ at, write }) => {
        write('.printer.swp', 'anew')
        renameSync(at('.printer.swp'), at('printer.cfg'))
      },
      'modify_file printer.cfg',
    ],
    ['a removal', ({ at }) => rmSync(at('printer.cfg')), 'delete_file printer.cfg'],
    ['a removal of a folder', ({ at }) => rmSync(at('macros'), { recursive: true }), 'delete_dir macros'],
    ['a new name', ({ at }) => renameSync(at('printer.cfg'), at('p.cfg')), 'move_file printer.cfg p.cfg'],
    ['a new name of a folder', ({ at }) => renameSync(at('macros'), at('m')), 'move_dir macros m'],
    [
      'a new name of a folder, and of a file in it',
      ({ at }) => {
        renameSync(at('macros'), at('m'))
        renameSync(at('m/start.cfg'), at('m/begin.cfg'))
      },
      'move_dir macros m',
      'move_file macros/start.cfg m/begin.cfg',
    ],
    [
      'a folder with something in it',
      ({ at, write }) => {
        mkdirSync(at('new'))
        write('new/x.cfg', '')
      },
      'create_dir new',
      'create_file new/x.cfg',
    ],
    [
      'a folder in place of a file',
      ({ at }) => {
        rmSync(at('printer.cfg'))
        mkdirSync(at('printer.cfg'))
      },
      'delete_file printer.cfg',
      'create_dir printer.cfg',
    ],
    ['a symlink', ({ at }) => symlinkSync('printer.cfg', at('link.cfg')), 'create_file link.cfg'],
    ['nothing but a look', () => undefined],
    ['what nobody may see', ({ write }) => write('moonkeeper.conf', 'health_command: false\n')],
    [
      'the folder of a git repository',
      ({ at, write }) => {
        mkdirSync(at('.git'))
        write('.git/index', 'x')
      },
    ],
    ['a file that is being written by us', ({ write }) => write('x.moonkeeper-tmp', 'x')],
  ]
  for (const [what, work, ...words] of changes)
    test(`${what}: ${words.join(', ') || 'nothing'}`, async (t) => {
      const scene = await follow(t)
      work(scene)
      assert.deepEqual(await told(scene), words)
      assert.deepEqual(await told(scene), [], 'once')
    })

  test('is told where the root is a symlink', async (t) => {
    const scene = await follow(t, {
      quiet: 5,
      prepare: ({ config, folder }) => {
        renameSync(config, path.join(folder, 'elsewhere'))
        symlinkSync('elsewhere', config)
      },
    })
    scene.write('new.cfg', '')
    assert.equal((await scene.news.take()).item.path, 'new.cfg')
  })

  test('is one root_update when it is very much', async (t) => {
    const scene = await follow(t)
    for (let index = 0; index <= 100; index += 1) scene.write(`${index}.cfg`, '')
    assert.deepEqual(await told(scene), ['root_update .'])
    assert.deepEqual(await told(scene), [])
  })
})

describe('what is changed through the API', () => {
  test('is not told twice', async (t) => {
    const scene = await follow(t)
    const { changes } = scene.files
    await changes.makeDirectory('config/new')
    await changes.copy('config/printer.cfg', 'config/new/copy.cfg')
    await changes.move('config/macros', 'config/new/m')
    await changes.deleteFile('config/printer.cfg')
    assert.deepEqual(await told(scene), [])
  })

  test('hides nothing of what others do meanwhile', async (t) => {
    const scene = await follow(t)
    scene.write('other.cfg', '')
    await scene.files.changes.makeDirectory('config/new')
    assert.deepEqual(await told(scene), ['create_file other.cfg'])
  })
})

describe('following', () => {
  test('is given up where there is too much, and says why', async (t) => {
    const scene = await follow(t, {
      prepare: ({ config }) => {
        for (let index = 0; index < limits.folders; index += 1)
          mkdirSync(path.join(config, `folder ${index}`))
      },
    })
    assert.match(await scene.reasons.take(), /more than 10000 files or 500 folders/)
    scene.write('new.cfg', '')
    await scene.files.changes.makeDirectory('config/new')
    assert.deepEqual(await told(scene), [])
    assert.equal(scene.reasons.size, 0)
  })

  test('ends: nothing is told any more', async (t) => {
    const scene = await follow(t)
    scene.follower.close()
    scene.write('new.cfg', '')
    assert.deepEqual(await told(scene), [])
  })

  test('outlives its root', async (t) => {
    const scene = await follow(t)
    rmSync(scene.config, { recursive: true })
    assert.deepEqual(await told(scene), [])
    mkdirSync(scene.config)
    scene.write('printer.cfg', 'x')
    const times = [new Date(), new Date()] as const
    utimesSync(scene.at('printer.cfg'), ...times)
    assert.deepEqual(await told(scene), ['create_file printer.cfg'])
    assert.equal(scene.reasons.size, 0)
  })
})
