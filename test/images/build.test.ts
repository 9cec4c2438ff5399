import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { buildImage, type ImagePart } from '../../src/images/build.js'
import { validateImage } from '../../src/images/validation.js'
import { systemFiles } from '../../src/system/files.js'
import { temporaryFolder } from '../support/folder.js'
import { createSigner, signContent } from '../support/minisign.js'

const signer = createSigner()
const { signal } = new AbortController()
const content = randomBytes(300_000)

const scene = async (t: TestContext): Promise<{ readonly folder: string; readonly parts: ImagePart[] }> => {
  const folder = await temporaryFolder(t)
  writeFileSync(path.join(folder, 'asset'), content)
  writeFileSync(path.join(folder, 'empty'), '')
  const application = {
    name: 'my app',
    type: 'web',
    version: 'v1.2.3',
    id: 'v1.2.3',
    source: 'owner/app',
    architecture: null,
    branch: null,
    release: null,
  } as const
  const files = [
    { name: 'app v1.zip', file: path.join(folder, 'asset') },
    { name: 'empty', file: path.join(folder, 'empty') },
  ]
  return { folder, parts: [{ application, files }] }
}

const request = { version: '7', created: 1_767_225_600, files: systemFiles, signal }

test('what is built is taken in, and other programs can read it', async (t) => {
  const { folder, parts } = await scene(t)
  const target = path.join(folder, 'image.zip')
  const sign = (manifest: Buffer): string => signContent(signer, manifest)
  const manifest = await buildImage({ ...request, target, parts, sign })
  assert.deepEqual(manifest.applications[0]?.members, ['0-my-app/app-v1.zip', '0-my-app/empty'])
  const into = path.join(folder, 'into')
  const rules = {
    signingKeys: [signer.publicKey],
    allowUnsigned: false,
    maxSize: 1 << 20,
    architecture: 'x64',
  }
  const valid = await validateImage({
    archive: target,
    folder: into,
    rules,
    signal,
    progress: () => undefined,
  })
  assert.deepEqual(valid.manifest, manifest)
  assert.deepEqual(readFileSync(path.join(into, '0-my-app/app-v1.zip')), content)
  const listed = spawnSync('/usr/bin/python3', ['-m', 'zipfile', '-t', target], { encoding: 'utf8' })
  assert.match(listed.stdout, /Done testing/)
  assert.equal(listed.status, 0, listed.stderr)
})

test('an image that cannot be finished is not there, and the old one stays', async (t) => {
  const { folder, parts } = await scene(t)
  const target = path.join(folder, 'image.zip')
  writeFileSync(target, 'the old one')
  const [part] = parts as [ImagePart]
  const missing = { ...part, files: [{ name: 'gone', file: path.join(folder, 'gone') }] }
  await assert.rejects(buildImage({ ...request, target, parts: [part, missing], sign: null }), /ENOENT/)
  assert.equal(readFileSync(target, 'utf8'), 'the old one')
  assert.deepEqual(readdirSync(folder).sort(), ['asset', 'empty', 'image.zip'])
  await buildImage({ ...request, target, parts, sign: null })
  assert.equal(existsSync(target), true)
})
