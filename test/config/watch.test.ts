import assert from 'node:assert/strict'
import { appendFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { watchFiles, type Watch } from '../../src/system/watch.js'
import { temporaryFolder } from '../support/folder.js'

const quiet = 200

interface Scene {
  readonly folder: string
  readonly watch: Watch
  readonly calls: () => number
  /** Resolves with the next call. */
  readonly next: () => Promise<void>
}

const watching = async (t: TestContext, names: readonly string[]): Promise<Scene> => {
  const folder = await temporaryFolder(t)
  await writeFile(path.join(folder, 'a.conf'), '1')
  let calls = 0
  let called = (): void => undefined
  const onChange = (): void => {
    calls += 1
    called()
  }
  const files = names.map((name) => path.join(folder, name))
  const watch = await watchFiles(files, onChange, (thrown) => assert.fail(String(thrown)), { quiet })
  t.after(() => watch.close())
  const next = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no change was seen')), 5000)
      called = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  return { folder, watch, calls: () => calls, next }
}

test('a file that is written, replaced by renaming, removed or made is seen', async (t) => {
  const { folder, next, calls } = await watching(t, ['a.conf', 'later.conf'])
  const file = path.join(folder, 'a.conf')
  const steps: readonly (() => Promise<void>)[] = [
    () => appendFile(file, '2'),
    async () => {
      await writeFile(`${file}.tmp`, '3')
      await rename(`${file}.tmp`, file)
    },
    // once more: the file that is there now is not the one that was watched first
    async () => {
      await writeFile(`${file}.tmp`, '4')
      await rename(`${file}.tmp`, file)
    },
    () => appendFile(file, '5'),
    () => writeFile(path.join(folder, 'later.conf'), '1'),
    () => rm(file),
  ]
  for (const [index, step] of steps.entries()) {
    const seen = next()
    await step()
    await seen.catch((thrown: unknown) => assert.fail(`step ${index}: ${String(thrown)}`))
  }
  assert.ok(calls() >= steps.length)
})

test('a series of writes is one change', async (t) => {
  const { folder, next, calls } = await watching(t, ['a.conf'])
  const seen = next()
  for (const text of ['1', '2', '3', '4']) {
    await appendFile(path.join(folder, 'a.conf'), text)
    await wait(quiet / 5)
  }
  await seen
  // long enough for a call that must not come
  await wait(quiet * 4)
  assert.equal(calls(), 1)
})

test('other files are nothing, and after close() nothing is', async (t) => {
  const { folder, next, calls, watch } = await watching(t, ['a.conf'])
  await writeFile(path.join(folder, 'other.conf'), '1')
  const seen = next()
  await appendFile(path.join(folder, 'a.conf'), '2')
  await seen
  assert.equal(calls(), 1)
  await appendFile(path.join(folder, 'a.conf'), '3')
  await watch.close()
  await appendFile(path.join(folder, 'a.conf'), '4')
  // long enough for a call that must not come
  await wait(quiet * 4)
  assert.equal(calls(), 1)
})
