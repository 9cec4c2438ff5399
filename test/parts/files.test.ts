import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { createFileRoots, type FileSources } from '../../src/parts/files.js'
import { Notices } from '../../src/parts/notices.js'
import type { FileChange } from '../../src/roots/file-change.js'
import { configScene } from '../support/config.js'
import { fakeLog } from '../support/rpc.js'
import { Inbox } from '../support/socket.js'

interface Scene {
  readonly at: (name: string) => string
  readonly files: ReturnType<typeof createFileRoots>['files']
  readonly news: Inbox<FileChange>
  readonly notices: Notices
}

/** The files of a printer as the daemon serves them. */
const serveFiles = async (
  t: TestContext,
  text = '',
  replaced: Partial<FileSources> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Scene> => {
  const scene = await configScene(t, text, files)
  const configuration = await scene.load()
  const news = new Inbox<FileChange>()
  const notices = new Notices()
  const at = (name: string): string => path.join(scene.data, name)
  const roots = createFileRoots({
    configuration: () => configuration,
    dataFolder: at('moonkeeper'),
    dataPath: scene.data,
    configFile: scene.configFile,
    logFile: at('logs/moonraker.log'),
    klipperLog: () => null,
    changed: (change) => news.put(change),
    notices,
    log: fakeLog(),
    ...replaced,
  })
  await roots.part.start()
  t.after(() => roots.part.stop())
  return { at, files: roots.files, news, notices }
}

const textOf = async ({ files }: Scene, log: string): Promise<string> => {
  const file = await files.openLog(log)
  assert.ok(file !== null)
  try {
    const chunks: Buffer[] = []
    for await (const chunk of file.chunks(0, file.size)) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  } finally {
    await file.close()
  }
}

describe('changes in config', () => {
  test('by others are told, those of clients once', async (t) => {
    const scene = await serveFiles(t)
    await scene.files.changes.makeDirectory('config/macros')
    writeFileSync(scene.at('config/macros/new.cfg'), 'new')
    const told = [await scene.news.take(), await scene.news.take()]
    assert.deepEqual(
      told.map(({ action, item }) => [action, item.path]),
      [
        ['create_dir', 'macros'],
        ['create_file', 'macros/new.cfg'],
      ],
    )
  })

  test('by others are not told where file_system_observer is none', async (t) => {
    const scene = await serveFiles(t, '[file_manager]\nfile_system_observer: none\n')
    writeFileSync(scene.at('config/new.cfg'), 'new')
    await scene.files.changes.makeDirectory('config/macros')
    assert.equal((await scene.news.take()).item.path, 'macros')
    assert.equal(scene.news.size, 0)
  })

  test('are not followed where there is too much: server.info warns', async (t) => {
    const many = Object.fromEntries(
      Array.from({ length: 501 }, (_, index) => [`printer_data/config/${index}/x`, ''] as const),
    )
    const { notices, files } = await serveFiles(t, '', {}, many)
    await files.changes.makeDirectory('config/later')
    assert.match(notices.all().join('\n'), /not told to front ends: there are more than .* 500 folders/)
  })
})

describe("Klipper's log", () => {
  test('is where Klipper says', async (t) => {
    let reported: string | null = null
    const scene = await serveFiles(t, '', { klipperLog: () => reported })
    writeFileSync(scene.at('logs/klippy.log'), 'usual')
    assert.equal(await textOf(scene, 'klippy.log'), 'usual')
    mkdirSync(scene.at('elsewhere'))
    reported = scene.at('elsewhere/klippy-1.log')
    writeFileSync(reported, 'elsewhere')
    assert.equal(await textOf(scene, 'klippy.log'), 'elsewhere')
  })

  test('is nothing but a log, whatever it says', async (t) => {
    let said = ''
    const scene = await serveFiles(t, '', { klipperLog: () => said })
    said = scene.at('secret')
    writeFileSync(said, 'secret')
    writeFileSync(scene.at('logs/klippy.log'), 'usual')
    assert.equal(await textOf(scene, 'klippy.log'), 'usual')
  })
})
