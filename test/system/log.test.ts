import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { createLog } from '../../src/system/log.js'
import { temporaryFolder } from '../support/folder.js'

const place = async (t: TestContext): Promise<{ folder: string; file: string }> => {
  const folder = await temporaryFolder(t)
  return { folder, file: path.join(folder, 'moonkeeper.log') }
}

const messagesIn = async (file: string): Promise<string[]> =>
  (await readFile(file, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { msg: string }).msg)

describe('a log that is rolled over', () => {
  test('goes on in a new file, and loses no line', async (t) => {
    const { folder, file } = await place(t)
    const log = createLog(file, false)
    log.info({}, 'one')
    log.rollOver()
    log.info({}, 'two')
    assert.deepEqual(await messagesIn(file), ['two'])
    const aside = (await readdir(folder)).filter((name) => name !== 'moonkeeper.log')
    assert.equal(aside.length, 1)
    assert.match(aside[0] ?? '', /^moonkeeper\.log\.\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/)
    assert.deepEqual(await messagesIn(path.join(folder, aside[0] ?? '')), ['one'])
  })

  test('keeps the newest two, and what is not its own', async (t) => {
    const { folder, file } = await place(t)
    const others = ['moonkeeper.log.mine', 'moonkeeper.log.2020-01-01.gz', 'klippy.log.2020-01-01']
    const old = ['moonkeeper.log.2020-01-01_00-00-00', 'moonkeeper.log.2021-01-01_00-00-00']
    for (const name of [...others, ...old]) await writeFile(path.join(folder, name), '')
    const log = createLog(file, false)
    log.rollOver()
    const left = await readdir(folder)
    assert.deepEqual(left.filter((name) => others.includes(name)).sort(), [...others].sort())
    assert.ok(!left.includes(old[0] ?? '') && left.includes(old[1] ?? ''))
  })

  test('rolls over by itself when it is large, also what an earlier life wrote', async (t) => {
    const { folder, file } = await place(t)
    await writeFile(file, '')
    await truncate(file, 16 * 1024 * 1024)
    const log = createLog(file, false)
    log.info({}, 'the last line of the old')
    log.info({}, 'the first line of the new')
    assert.deepEqual(await messagesIn(file), ['the first line of the new'])
    assert.equal((await readdir(folder)).length, 2)
  })

  test('goes on in the old file when it cannot be put aside', async (t) => {
    const { file } = await place(t)
    const log = createLog(file, false)
    log.info({}, 'one')
    await mkdir(`${file}.moved`)
    const log2 = createLog(path.join(`${file}.moved`, 'x.log'), false)
    log2.info({}, 'kept')
    // Somebody took the file away: there is nothing to rename.
    const { rm } = await import('node:fs/promises')
    await rm(`${file}.moved`, { recursive: true })
    assert.throws(() => log2.rollOver(), { code: 'ENOENT' })
    log2.info({}, 'and goes on')
    log.info({}, 'two')
    assert.deepEqual(await messagesIn(file), ['one', 'two'])
  })

  test('is refused where there is no file', () => {
    assert.throws(() => createLog(null, false).rollOver(), {
      kind: 'refused',
      message: 'File Logging Disabled',
    })
  })
})
