import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Application } from '../../src/engine/application.js'
import { cargoOf, namesIn } from '../../src/engine/carried.js'
import type { Image } from '../../src/contract/generated/types.js'
import { parsePublicKey } from '../../src/releases/minisign.js'
import { imageParts } from '../support/image.js'
import { createSigner } from '../support/minisign.js'

const signer = createSigner()
const other = createSigner('otherkey').publicKey

const image = (signedBy: string | null) => ({
  id: 3,
  folder: '/images/3',
  manifest: imageParts().manifest,
  signedBy,
})

type Known = Pick<Application, 'name' | 'settings' | 'updater'>

const application = (type: string, signingKeys: readonly string[], packs = true): Known =>
  ({ name: 'app', settings: { type, signingKeys }, updater: packs ? { pack: () => undefined } : {} }) as never

test('what an image has for an application lies in its folder', () => {
  const carried = cargoOf(image(null))(application('web', []))
  assert.deepEqual(
    [carried.label, carried.version, carried.files.map((file) => file.path)],
    ['image 3 (2026.11)', 'v2.0.0', ['/images/3/app/one.bin', '/images/3/app/two.bin']],
  )
})

test('an application that names keys of its own takes images of those only', () => {
  const signed = cargoOf(image(parsePublicKey(signer.publicKey).id))
  assert.equal(signed(application('web', [other, signer.publicKey])).id, 'v2.0.0')
  assert.throws(() => signed(application('web', [other])), { kind: 'bad_signature' })
  assert.throws(() => cargoOf(image(null))(application('web', [other])), { kind: 'bad_signature' })
})

test('another type, one that is not carried, or another name is refused', () => {
  const cargo = cargoOf(image(null))
  assert.throws(() => cargo(application('zip', [])), { kind: 'bad_image' })
  assert.throws(() => cargo(application('python', [], false)), { kind: 'not_supported' })
  assert.throws(() => cargo({ ...application('web', []), name: 'more' }), { kind: 'bad_argument' })
})

test('an image that is not valid is for nobody', () => {
  const found = { id: 3, state: 'INVALID', state_description: 'It is damaged', applications: [] }
  assert.throws(() => namesIn(found as unknown as Image, null), { kind: 'not_valid', message: /damaged/ })
})
