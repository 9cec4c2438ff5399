import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import type { AccessRecord } from '../contract/generated/types.js'
import { MoonkeeperError } from '../contract/error.js'

export type SigningKey = NonNullable<AccessRecord['users'][number]['signing_key']>

export type TokenType = 'access' | 'refresh'

/** What a token says, once it is known to be ours. */
export interface Claims {
  readonly username: string
  /** `kid`: of the user's key. */
  readonly keyId: string
  /** Unix time in seconds: when it ends. */
  readonly exp: number
  /** Unix time in seconds: when they logged in with their password. */
  readonly authTime: number
}

/** Characters. Ours have some 500. */
const longest = 4096

const audience = 'Moonraker'

export const createSigningKey = (): SigningKey => {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return { id: randomBytes(32).toString('base64url'), d, x }
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

export interface Issue {
  readonly username: string
  readonly key: SigningKey
  readonly type: TokenType
  readonly issuer: string
  /** Unix time in whole seconds. */
  readonly now: number
  /** Seconds. */
  readonly lifetime: number
  readonly authTime: number
}

/** A JSON Web Token, signed with the user's own key (EdDSA). */
export const issueToken = ({ username, key, type, issuer, now, lifetime, authTime }: Issue): string => {
  const claims = { iss: issuer, aud: audience, iat: now, exp: now + lifetime, username, token_type: type }
  const text = `${encoded({ kid: key.id, alg: 'EdDSA', typ: 'JWT' })}.${encoded({ ...claims, auth_time: authTime })}`
  const jwk = { kty: 'OKP', crv: 'Ed25519', d: key.d, x: key.x }
  const signature = sign(null, Buffer.from(text), createPrivateKey({ key: jwk, format: 'jwk' }))
  return `${text}.${signature.toString('base64url')}`
}

const unauthorized = (message: string): MoonkeeperError => new MoonkeeperError('unauthorized', message)
const refused = (message: string): MoonkeeperError => new MoonkeeperError('refused', message)

/** compat: what Python says of text that is no token. */
const undecodable = (why: string): MoonkeeperError => unauthorized(`Failed to decode JWT: ${why}`)

const split = (token: string): readonly [header: string, claims: string, signature: string] => {
  if (token.length > longest) throw undecodable('it is too long')
  const parts = token.split('.')
  if (parts.length < 3) throw undecodable('not enough values to unpack (expected 2, got 1)')
  const [header = '', claims = '', signature = '', ...rest] = parts
  if (rest.length > 0) throw undecodable('too many values to unpack (expected 2)')
  return [header, claims, signature]
}

const bytesOf = (part: string): Buffer => {
  if (!/^[\w-]*={0,2}$/.test(part)) throw undecodable('it is no base64')
  const { length } = part.replace(/=+$/, '')
  if (length % 4 === 1)
    throw undecodable(
      `Invalid base64-encoded string: number of data characters (${length}) cannot be 1 more than a multiple of 4`,
    )
  return Buffer.from(part, 'base64url')
}

type Json = Readonly<Record<string, unknown>>

/** No cause is kept: it would quote what was sent. */
const objectOf = (part: string): Json => {
  const text = bytesOf(part).toString()
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  } catch {
    // As below.
  }
  throw undecodable('it holds no JSON object')
}

const isSigned = (text: string, signature: Buffer, { x }: SigningKey): boolean => {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return verify(null, Buffer.from(text), key, signature)
}

/** Only what we issue ourselves: the key is never chosen by the token's `alg`, and there is one algorithm. */
const keyFor = (header: Json, keys: (id: string) => SigningKey | null): SigningKey => {
  if (header.typ !== 'JWT' || header.alg !== 'EdDSA' || 'crit' in header) throw refused('Invalid JWT header')
  const key = typeof header.kid === 'string' ? keys(header.kid) : null
  if (key === null) throw refused('Invalid key ID')
  return key
}

const checkClaims = (claims: Json, type: TokenType, issuer: string): void => {
  if (claims.token_type !== type)
    throw unauthorized(`JWT Token type mismatch: Expected ${type}, Recd: ${shortened(claims.token_type)}`)
  if (claims.iss !== issuer) throw unauthorized('Invalid JWT Issuer')
  if (claims.aud !== audience) throw unauthorized('Invalid JWT Audience')
}

const shortened = (value: unknown): string => (value === 'access' || value === 'refresh' ? value : 'another')

/** A token of ours that was good once. */
export class ExpiredToken extends MoonkeeperError {
  constructor() {
    super('unauthorized', 'JWT Expired')
  }
}

/**
 * @param keys finds the key of a user who is logged in
 * @param now Unix time in seconds
 * @throws unauthorized or refused, compat: with Moonraker's words; ExpiredToken
 */
export const readToken = (
  token: string,
  type: TokenType,
  issuer: string,
  now: number,
  keys: (id: string) => SigningKey | null,
): Claims => {
  const [header, body, signature] = split(token)
  const key = keyFor(objectOf(header), keys)
  if (!isSigned(`${header}.${body}`, bytesOf(signature), key))
    throw undecodable('Failed to validate signature')
  const claims = objectOf(body)
  checkClaims(claims, type, issuer)
  const { username, exp, auth_time: authTime } = claims
  if (typeof username !== 'string' || typeof exp !== 'number' || typeof authTime !== 'number')
    throw unauthorized('Unknown user')
  if (exp < now) throw new ExpiredToken()
  return { username, keyId: key.id, exp, authTime }
}
