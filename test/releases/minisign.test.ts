import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { parsePublicKey, verifySignature, type Verified } from '../../src/releases/minisign.js'
import { openFile } from '../../src/system/open-file.js'
import { temporaryFolder } from '../support/folder.js'
import { createSigner, signContent } from '../support/minisign.js'

const check = async (
  t: TestContext,
  content: Buffer,
  signature: string | null,
  keys: readonly string[],
): Promise<Verified> => {
  const name = path.join(await temporaryFolder(t), 'app.zip')
  writeFileSync(name, content)
  const file = await openFile(name)
  try {
    return await verifySignature({ file, name: 'app.zip', signature, keys: keys.map(parsePublicKey) })
  } finally {
    await file.close()
  }
}

const refused = (message: RegExp): object => ({ kind: 'bad_signature', message })

/** Made once by minisign 0.11. */
const real = {
  content: Buffer.from('Moonkeeper keeps it whole.\n'),
  key: 'RWQ8mSl6MS/wL1/STJilVYNBi+C8g8a78GIpYybACM/vIMUxkjfxGZx8',
  id: '2FF02F317A29993C',
  hashed: [
    'untrusted comment: signature from minisign secret key',
    'RUQ8mSl6MS/wL0d+ruvCs978/MdV2rBddOyrS5Rl7TbVzfeMC3QZYkV6SEXg25/Ak8pHe+jVY+Acw32mOHdiTvNjCBH5GKupXAg=',
    'trusted comment: file:message\tfor the tests',
    'QZ7L8vAQb1ATq8ZPzwXcmalJtZCIQA6S4Bz25RxzVH1FaQz7+y0nA0bwz8jra7YonPpl3475hOIXdW5LTrJ5Cw==',
    '',
  ],
  whole: [
    'untrusted comment: signature from minisign secret key',
    'RWQ8mSl6MS/wL17Xw8F4rkDdVNkcNa33BYmAu/lcvQ3vZA8gq//N7HBAmHAl1e/zJIjT1k11N+0gEyWtTk+QTTwNw/WvJTyynAs=',
    'trusted comment: the old kind',
    'nxTuT6fBbicua4GIRWMe5L6huwU5B8lIDx212yYPSmjXmwqSma4mpX3uXtzcF69uxNeSLsEsQrx+i1kgabU0CQ==',
    '',
  ],
}

test('what minisign signed is accepted, of both kinds and with both line ends', async (t) => {
  for (const end of ['\n', '\r\n']) {
    const hashed = await check(t, real.content, real.hashed.join(end), [real.key])
    assert.deepEqual(hashed, { keyId: real.id, trustedComment: 'file:message\tfor the tests' })
    const whole = await check(t, real.content, real.whole.join(end), [createSigner().publicKey, real.key])
    assert.deepEqual(whole, { keyId: real.id, trustedComment: 'the old kind' })
  }
})

test('a large file is verified in pieces, but not one that was signed as a whole', async (t) => {
  const signer = createSigner()
  const content = randomBytes(9 * 1024 * 1024)
  await check(t, content, signContent(signer, content), [signer.publicKey])
  const old = signContent(signer, content, { algorithm: 'Ed' })
  await assert.rejects(check(t, content, old, [signer.publicKey]), refused(/old kind.*minisign -S -H/))
})

test('an empty file is signed as any other', async (t) => {
  const signer = createSigner()
  for (const algorithm of ['Ed', 'ED'])
    await check(t, Buffer.alloc(0), signContent(signer, Buffer.alloc(0), { algorithm }), [signer.publicKey])
})

test('one changed bit anywhere is noticed', async (t) => {
  for (const lines of [real.hashed, real.whole]) {
    const changed = Buffer.from(real.content)
    changed[3] = (changed[3] ?? 0) ^ 1
    await assert.rejects(check(t, changed, lines.join('\n'), [real.key]), refused(/was changed/))
    const longer = Buffer.concat([real.content, Buffer.from('\n')])
    await assert.rejects(check(t, longer, lines.join('\n'), [real.key]), refused(/was changed/))
  }
})

test('the trusted comment counts, and so does its signature', async (t) => {
  const [first, signature, , global] = real.hashed
  const other = [first, signature, 'trusted comment: another', global, ''].join('\n')
  await assert.rejects(check(t, real.content, other, [real.key]), refused(/was changed/))
  const borrowed = [first, signature, real.whole[2], real.whole[3], ''].join('\n')
  await assert.rejects(check(t, real.content, borrowed, [real.key]), refused(/was changed/))
})

test('the kind of a signature cannot be changed', async (t) => {
  const [first, signature = '', comment, global] = real.hashed
  const bytes = Buffer.from(signature, 'base64')
  bytes.write('Ed', 'latin1')
  const text = [first, bytes.toString('base64'), comment, global].join('\n')
  await assert.rejects(check(t, real.content, text, [real.key]), refused(/was changed/))
})

test('unsigned, and signed by somebody else', async (t) => {
  const [signer, stranger] = [createSigner('AAAAAAAA'), createSigner('BBBBBBBB')]
  const content = Buffer.from('x')
  await assert.rejects(check(t, content, null, [signer.publicKey]), refused(/app\.zip is not signed/))
  await assert.rejects(
    check(t, content, signContent(stranger, content), [signer.publicKey]),
    refused(/key 4242424242424242, which 'signing_keys' does not name \(but 4141414141414141\)/),
  )
  const impostor = createSigner('AAAAAAAA')
  await assert.rejects(
    check(t, content, signContent(impostor, content), [signer.publicKey]),
    refused(/not what the key 4141414141414141 signed/),
  )
  await check(t, content, signContent(impostor, content), [signer.publicKey, impostor.publicKey])
})

test('what is no signature is refused', async (t) => {
  const signer = createSigner()
  const content = Buffer.from('x')
  const lines = signContent(signer, content).split('\n')
  const [first = '', signature = '', comment = '', global = ''] = lines
  for (const text of [
    '',
    'x',
    '<html>Not Found</html>',
    [first, signature].join('\n'),
    ['', signature, comment, global].join('\n'),
    [first, `${signature}=`, comment, global].join('\n'),
    [first, signature.slice(4), comment, global].join('\n'),
    [first, signature, comment.slice(1), global].join('\n'),
    [first, signature, comment, global.slice(4)].join('\n'),
    [...lines, 'more'].join('\n'),
    signContent(signer, content, { algorithm: 'XX' }),
    signContent(signer, content, { comment: 'x'.repeat(17_000) }),
  ])
    await assert.rejects(
      check(t, content, text, [signer.publicKey]),
      refused(/none of minisign/),
      text.slice(0, 80),
    )
})

test('what is no public key is told', () => {
  const { publicKey } = createSigner()
  assert.equal(parsePublicKey(` ${real.key}\n`).id, real.id)
  const secretKind = Buffer.from(publicKey, 'base64')
  secretKind.write('XX', 'latin1')
  for (const text of ['', 'RW', publicKey.slice(4), `${publicKey}AAAA`, secretKind.toString('base64')])
    assert.throws(() => parsePublicKey(text), { kind: 'bad_argument', message: /no public key of minisign/ })
})

test('a folder cannot be opened as a file', async (t) => {
  await assert.rejects(openFile(await temporaryFolder(t)), { kind: 'command_failed' })
})
