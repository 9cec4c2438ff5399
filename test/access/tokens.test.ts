import assert from 'node:assert/strict'
import { createHmac, createPublicKey, generateKeyPairSync, sign, createPrivateKey } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  createSigningKey,
  issueToken,
  readToken,
  type Claims,
  type Issue,
  type SigningKey,
} from '../../src/access/tokens.js'

const key = createSigningKey()
const other = createSigningKey()
const issuer = 'http://printer:7125'
const now = 1_800_000_000

const issue = (changed: Partial<Issue> = {}): string =>
  issueToken({
    username: 'bob',
    key,
    type: 'access',
    issuer,
    now,
    lifetime: 3600,
    authTime: now - 5,
    ...changed,
  })

const read = (token: string, at = now): Claims =>
  readToken(token, 'access', issuer, at, (id) => [key, other].find((known) => known.id === id) ?? null)

const encoded = (part: object | string): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
const decoded = (part = ''): Record<string, unknown> =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>

const signedBy = ({ d, x }: SigningKey, text: string): string => {
  const secret = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' })
  return `${text}.${sign(null, Buffer.from(text), secret).toString('base64url')}`
}

/** A token of ours with other things in it, and signed again. */
const forged = (header: object, claims: object = {}, by = key): string => {
  const [first, second] = issue().split('.')
  return signedBy(
    by,
    `${encoded({ ...decoded(first), ...header })}.${encoded({ ...decoded(second), ...claims })}`,
  )
}

test('what is issued is read again, until it runs out', () => {
  const token = issue()
  assert.deepEqual(read(token), { username: 'bob', keyId: key.id, exp: now + 3600, authTime: now - 5 })
  assert.ok(read(token, now + 3600))
  assert.throws(() => read(token, now + 3601), { name: 'MoonkeeperError', message: 'JWT Expired' })
})

test('it looks as Moonraker makes it', () => {
  const [header, claims] = issue({ username: 'Zoë 🖨' }).split('.')
  assert.deepEqual(decoded(header), { kid: key.id, alg: 'EdDSA', typ: 'JWT' })
  assert.deepEqual(decoded(claims), {
    iss: issuer,
    aud: 'Moonraker',
    iat: now,
    exp: now + 3600,
    username: 'Zoë 🖨',
    token_type: 'access',
    auth_time: now - 5,
  })
})

describe('what is refused', () => {
  const [header = '', claims = '', signature = ''] = issue().split('.')
  const publicPem = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.x }, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  })
  const hmac = (text: string, secret: string | Buffer): string =>
    `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  const hs256 = `${encoded({ alg: 'HS256', typ: 'JWT', kid: key.id })}.${claims}`
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const rs256 = `${encoded({ alg: 'RS256', typ: 'JWT', kid: key.id })}.${claims}`
  const table: readonly (readonly [name: string, token: string, message: string | RegExp])[] = [
    // compat: the first three are Moonraker's words, which are Python's.
    ['text', 'abc', 'Failed to decode JWT: not enough values to unpack (expected 2, got 1)'],
    ['two parts', 'a.b', 'Failed to decode JWT: not enough values to unpack (expected 2, got 1)'],
    [
      'no base64',
      'a.b.c',
      'Failed to decode JWT: Invalid base64-encoded string: number of data characters (1) cannot be 1 more than a multiple of 4',
    ],
    ['four parts', `${issue()}.x`, 'Failed to decode JWT: too many values to unpack (expected 2)'],
    ['nothing', '', /^Failed to decode/],
    ['dots', '..', /^Failed to decode/],
    ['a header that is text', `${encoded('x')}.${claims}.${signature}`, /^Failed to decode/],
    ['a header that is a list', `${encoded('[1]')}.${claims}.${signature}`, /^Failed to decode/],
    ['other characters', `${header}.${claims}!.${signature}`, /^Failed to/],
    ['too long', `${header}.${'A'.repeat(5000)}.${signature}`, 'Failed to decode JWT: it is too long'],
    ['endless', 'A'.repeat(1_000_000), 'Failed to decode JWT: it is too long'],
    ['alg none', `${encoded({ alg: 'none', typ: 'JWT', kid: key.id })}.${claims}.`, 'Invalid JWT header'],
    ['alg none, signed', forged({ alg: 'none' }), 'Invalid JWT header'],
    ['alg of another case', forged({ alg: 'eddsa' }), 'Invalid JWT header'],
    ['no alg', forged({ alg: undefined }), 'Invalid JWT header'],
    ['alg is a list', forged({ alg: ['EdDSA'] }), 'Invalid JWT header'],
    ['HS256 with the public key', hmac(hs256, publicPem), 'Invalid JWT header'],
    ['HS256 with its raw bytes', hmac(hs256, Buffer.from(key.x, 'base64url')), 'Invalid JWT header'],
    [
      'RS256',
      `${rs256}.${sign('sha256', Buffer.from(rs256), rsa).toString('base64url')}`,
      'Invalid JWT header',
    ],
    ['a MAC under the right alg', hmac(`${header}.${claims}`, publicPem), /signature/],
    ['another type', forged({ typ: 'JWS' }), 'Invalid JWT header'],
    ['an extension that must be known', forged({ crit: ['x'], x: 1 }), 'Invalid JWT header'],
    [
      'a key of its own',
      forged({ kid: undefined, jwk: { kty: 'OKP', crv: 'Ed25519', x: other.x } }),
      'Invalid key ID',
    ],
    ['an unknown key', forged({ kid: 'x' }), 'Invalid key ID'],
    ['a key every object has', forged({ kid: '__proto__' }), 'Invalid key ID'],
    ['a key that is a number', forged({ kid: 1 }), 'Invalid key ID'],
    ['signed by another user', forged({}, {}, other), /signature/],
    ['no signature', `${header}.${claims}.`, /signature/],
    ['half a signature', `${header}.${claims}.${signature.slice(0, 40)}`, /signature/],
    ['zeros', `${header}.${claims}.${Buffer.alloc(64).toString('base64url')}`, /signature/],
    [
      'another body',
      `${header}.${encoded({ ...decoded(claims), username: 'root' })}.${signature}`,
      /signature/,
    ],
    ['an issuer elsewhere', issue({ issuer: 'http://other:7125' }), 'Invalid JWT Issuer'],
    ['another audience', forged({}, { aud: 'x' }), 'Invalid JWT Audience'],
    [
      'a refresh token',
      issue({ type: 'refresh' }),
      'JWT Token type mismatch: Expected access, Recd: refresh',
    ],
    [
      'no type',
      forged({}, { token_type: undefined }),
      'JWT Token type mismatch: Expected access, Recd: another',
    ],
    ['no user', forged({}, { username: undefined }), 'Unknown user'],
    ['no end', forged({}, { exp: undefined }), 'Unknown user'],
    ['an end that is text', forged({}, { exp: '9999999999' }), 'Unknown user'],
    ['no login', forged({}, { auth_time: null }), 'Unknown user'],
  ]
  for (const [name, token, message] of table)
    test(name, () => {
      assert.throws(
        () => read(token),
        (thrown: Error & { cause?: unknown }) => {
          assert.equal(thrown.name, 'MoonkeeperError')
          if (typeof message === 'string') assert.equal(thrown.message, message)
          else assert.match(thrown.message, message)
          assert.equal(thrown.cause ?? null, null, 'a cause would quote the token')
          return true
        },
      )
    })
})

test('every bit of a token counts', () => {
  const token = issue()
  for (let at = 0; at < token.length; at += 1) {
    const character = token[at] === 'A' ? 'B' : 'A'
    const changed = token.slice(0, at) + character + token.slice(at + 1)
    // The last character of a part may hold bits that are no part of its bytes.
    const same = changed.split('.').every((part, index) => {
      const bytes = Buffer.from(part, 'base64url')
      return bytes.equals(Buffer.from(token.split('.')[index] ?? '', 'base64url'))
    })
    if (
      same &&
      changed.split('.')[0] === token.split('.')[0] &&
      changed.split('.')[1] === token.split('.')[1]
    )
      continue
    assert.throws(() => read(changed), `at ${at}`)
  }
})
