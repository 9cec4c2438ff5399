import assert from 'node:assert/strict'
import {
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  symlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { putFile, removeTree } from '../../src/roots/entries.js'
import { Gate } from '../../src/roots/gate.js'
import { placeIn, type Place, type Root } from '../../src/roots/request-path.js'
import { whileTarget } from '../../src/roots/target.js'
import { removeFileIn } from '../../src/system/pinned.js'
import { createStaging } from '../../src/system/staged-file.js'
import { makeRoots, type RootsBench } from '../support/roots.js'

/** What was checked gives way to a symlink out of the root, before anything is done with it. */
const swap = ({ config, folder, outside }: RootsBench): void => {
  renameSync(path.join(config, 'macros'), path.join(folder, 'moved'))
  symlinkSync(outside, path.join(config, 'macros'))
}

const at = async (bench: RootsBench, relative: string): Promise<[Place, Gate]> => {
  const root: Root = { name: 'config', path: bench.config, writable: true }
  return [placeIn(root, relative), await Gate.to(root, { reserved: () => [], managed: () => [] })]
}

test('a folder that is swapped for a symlink during an upload takes nothing out of the root', async (t) => {
  const bench = await makeRoots(t)
  const staged = await bench.files.stage()
  await staged.write(Buffer.from('new'))
  await staged.finish()
  await whileTarget(...(await at(bench, 'macros/secret')), async (target) => {
    swap(bench)
    await putFile(staged.path, target)
  })
  await staged.discard()
  assert.equal(readFileSync(path.join(bench.outside, 'secret'), 'utf8'), 'secret\n')
  assert.equal(readFileSync(path.join(bench.folder, 'moved/secret'), 'utf8'), 'new')
})

test('a folder that is swapped for a symlink during a removal loses nothing out of the root', async (t) => {
  const bench = await makeRoots(t)
  writeFileSync(path.join(bench.config, 'macros/secret'), '')
  await whileTarget(...(await at(bench, 'macros/secret')), async ({ folder, name }) => {
    swap(bench)
    await removeFileIn(folder, name)
  })
  assert.ok(existsSync(path.join(bench.outside, 'secret')))
})

test('a folder that is swapped for a symlink is not emptied where that leads', async (t) => {
  const bench = await makeRoots(t)
  await whileTarget(...(await at(bench, 'macros')), async (target) => {
    swap(bench)
    await removeTree(target, createStaging(bench.staging))
  })
  assert.ok(existsSync(path.join(bench.outside, 'secret')))
})

test('whoever swaps as quickly as possible gets nothing out, and nothing in', async (t) => {
  const bench = await makeRoots(t)
  const { config, outside, folder, files } = bench
  writeFileSync(path.join(config, 'macros/secret'), 'inner\n')
  const [link, real] = [path.join(config, 'swapped'), path.join(folder, 'real')]
  renameSync(path.join(config, 'macros'), link)
  const swapping = new AbortController()
  let turns = 0
  /** An upload may make the folder anew in between. */
  const putThere = (put: () => void): void => {
    for (;;) {
      rmSync(link, { recursive: true, force: true })
      try {
        return put()
      } catch {
        // It just did.
      }
    }
  }
  const swapper = (async () => {
    while (!swapping.signal.aborted) {
      renameSync(link, real)
      putThere(() => symlinkSync(outside, link))
      await new Promise((resolve) => setImmediate(resolve))
      putThere(() => renameSync(real, link))
      turns += 1
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  const attempt = async (round: number): Promise<void> => {
    const file = await files.open('config', 'swapped/secret').catch(() => null)
    for await (const chunk of file?.chunks(0, 100) ?? []) assert.notEqual(chunk.toString(), 'secret\n')
    await file?.close()
    const staged = await files.stage()
    await staged.write(Buffer.from('evil'))
    await staged.finish()
    await files.changes.upload(staged.path, 'config', `swapped/evil-${round}`).catch(() => undefined)
    await files.changes.makeDirectory(`config/swapped/folder-${round}`).catch(() => undefined)
    await files.changes.copy('config/printer.cfg', 'config/swapped/secret').catch(() => undefined)
    await files.changes.deleteFile('config/swapped/secret').catch(() => undefined)
    await staged.discard()
  }
  for (let round = 0; round < 40; round += 1) await attempt(round)
  swapping.abort()
  await swapper
  assert.ok(turns > 20, `${turns} turns`)
  assert.deepEqual(readdirSync(outside), ['secret'])
  assert.equal(readFileSync(path.join(outside, 'secret'), 'utf8'), 'secret\n')
})
