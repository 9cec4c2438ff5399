import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { ImageMaker, type MakerSetup } from '../../src/images/maker.js'
import { systemFiles } from '../../src/system/files.js'
import { temporaryFolder } from '../support/folder.js'
import { quickClock } from '../support/quick-clock.js'

const application = {
  name: 'app',
  type: 'web',
  version: 'v1.2.3',
  id: 'v1.2.3',
  source: 'owner/app',
  architecture: null,
  branch: null,
  release: null,
} as const

const packed: MakerSetup['pack'] = async (_names, folder) => {
  const file = path.join(folder, 'asset')
  writeFileSync(file, 'content')
  return [{ application, files: [{ name: 'app.zip', file }] }]
}

const makerIn = async (t: TestContext, pack = packed): Promise<{ maker: ImageMaker; folder: string }> => {
  const folder = path.join(await temporaryFolder(t), 'built')
  return { folder, maker: new ImageMaker({ folder, files: systemFiles, clock: quickClock(), pack }) }
}

test('an image that was made lies there until the next one is, called by its date', async (t) => {
  const { maker, folder } = await makerIn(t)
  await assert.rejects(maker.open(), { kind: 'unknown_image' })
  const made = await maker.build(null, null)
  const content = readFileSync(made.file)
  assert.deepEqual(made, {
    version: '2023.11.14',
    size: content.length,
    checksum: createHash('sha256').update(content).digest('hex'),
    file: path.join(folder, 'image.zip'),
    applications: [{ name: 'app', version: 'v1.2.3' }],
  })
  assert.deepEqual(readdirSync(folder), ['image.zip'])
  const file = await maker.open()
  const parts: Buffer[] = []
  for await (const part of file.chunks(0, file.size)) parts.push(part)
  await file.close()
  assert.deepEqual(Buffer.concat(parts), content)
  assert.equal((await maker.build(['app'], '7')).version, '7')
  await maker.clear()
  assert.equal(existsSync(folder), false)
})

test('one is made at a time, a stop ends it, and what fails leaves nothing', async (t) => {
  let begun = (): void => undefined
  const started = new Promise<void>((resolve) => (begun = resolve))
  const { maker, folder } = await makerIn(t, (_names, _folder, signal) => {
    begun()
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  })
  const making = assert.rejects(maker.build(null, null), { kind: 'shutting_down' })
  await started
  await assert.rejects(maker.build(null, null), { kind: 'busy' })
  await maker.stop()
  await making
  assert.equal(existsSync(folder), false)
  await assert.rejects(maker.build(null, null), { kind: 'shutting_down' })
})
