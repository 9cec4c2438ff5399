import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { MoonkeeperError } from '../contract/error.js'
import { harmless } from '../contract/text.js'
import type { OpenFile } from '../system/open-file.js'

/** Signatures as minisign makes them. The format: https://jedisct1.github.io/minisign/ */

export interface PublicKey {
  /** As minisign shows it: sixteen hexadecimal digits. */
  readonly id: string
  readonly key: KeyObject
}

interface Signature {
  /** Of the file's BLAKE2b-512 rather than of the file. */
  readonly prehashed: boolean
  readonly keyId: string
  readonly signature: Buffer
  /** As it is signed. */
  readonly trustedComment: string
  /** Of the signature and the trusted comment. */
  readonly commentSignature: Buffer
}

export interface Verified {
  readonly keyId: string
  /** What the signer says of the file, and signed too; often its name and a time. */
  readonly trustedComment: string
}

export interface SignedFile {
  readonly file: OpenFile
  /** What people call the file. */
  readonly name: string
  /** The text of the .minisig file; null when there is none. */
  readonly signature: string | null
  /** Those whose signature counts. */
  readonly keys: readonly PublicKey[]
}

/** Bytes of the longest .minisig file that is looked at. */
export const maxSignatureSize = 16 * 1024
/** Files that were signed as a whole are held in memory as a whole. */
const maxWholeFile = 8 * 1024 * 1024

const ed25519Header = Buffer.from('302a300506032b6570032100', 'hex')
const commentPrefix = 'trusted comment: '
const untrustedPrefix = 'untrusted comment:'

/** null when it is not exactly so many bytes in base64. */
const decode = (text: string, length: number): Buffer | null => {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === length && bytes.toString('base64') === text ? bytes : null
}

const algorithmOf = (bytes: Buffer): string => bytes.toString('latin1', 0, 2)

/** The id is a number, its lowest byte first. */
const keyIdOf = (bytes: Buffer): string =>
  Buffer.from(bytes.subarray(2, 10)).reverse().toString('hex').toUpperCase()

/** @param text the second line of a .pub file @throws bad_argument */
export const parsePublicKey = (text: string): PublicKey => {
  const bytes = decode(text.trim(), 42)
  if (bytes === null || algorithmOf(bytes) !== 'Ed')
    throw new MoonkeeperError(
      'bad_argument',
      `'${text.slice(0, 80)}' is no public key of minisign. It is the second line of the .pub file and begins with RW.`,
    )
  const der = Buffer.concat([ed25519Header, bytes.subarray(10)])
  return { id: keyIdOf(bytes), key: createPublicKey({ key: der, format: 'der', type: 'spki' }) }
}

/** The four lines that a signature has; null when there are others. */
const linesOf = (text: string): readonly [string, string, string] | null => {
  if (Buffer.byteLength(text) > maxSignatureSize) return null
  const [untrusted = '', first = '', comment = '', second = '', ...rest] = text.split(/\r?\n/)
  if (!untrusted.startsWith(untrustedPrefix) || !comment.startsWith(commentPrefix)) return null
  return rest.every((line) => line === '') ? [first, comment.slice(commentPrefix.length), second] : null
}

/** null when it is no signature of minisign. */
const parseSignature = (text: string): Signature | null => {
  const [first, trustedComment, second] = linesOf(text) ?? ['', '', '']
  const [bytes, commentSignature] = [decode(first, 74), decode(second, 64)]
  if (bytes === null || commentSignature === null) return null
  const algorithm = algorithmOf(bytes)
  if (algorithm !== 'Ed' && algorithm !== 'ED') return null
  const prehashed = algorithm === 'ED'
  return { prehashed, keyId: keyIdOf(bytes), signature: bytes.subarray(10), trustedComment, commentSignature }
}

const bad = (name: string, what: string): MoonkeeperError =>
  new MoonkeeperError('bad_signature', `${name} ${what} It was not installed.`)

const hashOf = async (file: OpenFile, signal: AbortSignal | undefined): Promise<Buffer> => {
  const hash = createHash('blake2b512')
  for await (const chunk of file.chunks(0, file.size)) {
    signal?.throwIfAborted()
    hash.update(chunk)
  }
  return hash.digest()
}

const wholeOf = async (file: OpenFile, name: string): Promise<Buffer> => {
  if (file.size > maxWholeFile)
    throw bad(
      name,
      `has a signature of the old kind, which is good for at most ${maxWholeFile} bytes here. Its owner must sign it anew (minisign -S -H).`,
    )
  const whole = Buffer.alloc(file.size)
  const bytes = await file.read(whole, 0)
  return whole.subarray(0, bytes)
}

const verifiedBy = (key: PublicKey, message: Buffer, signature: Signature): boolean =>
  verify(null, message, key.key, signature.signature) &&
  verify(
    null,
    Buffer.concat([signature.signature, Buffer.from(signature.trustedComment)]),
    key.key,
    signature.commentSignature,
  )

/**
 * Makes sure that one of the keys signed the file, and the comment with it.
 * @throws bad_signature when there is none, of no known key, or not of this file; the signal's reason
 */
export const verifySignature = async (signed: SignedFile, signal?: AbortSignal): Promise<Verified> => {
  const { file, name, keys } = signed
  if (signed.signature === null)
    throw bad(name, "is not signed, though a key is named for it in 'signing_keys'.")
  const signature = parseSignature(signed.signature)
  if (signature === null) throw bad(name, 'comes with a signature that is none of minisign.')
  const known = keys.filter(({ id }) => id === signature.keyId)
  if (known.length === 0)
    throw bad(
      name,
      `is signed with the key ${signature.keyId}, which 'signing_keys' does not name (but ${keys.map(({ id }) => id).join(', ')}).`,
    )
  const message = signature.prehashed ? await hashOf(file, signal) : await wholeOf(file, name)
  if (known.some((key) => verifiedBy(key, message, signature)))
    return { keyId: signature.keyId, trustedComment: harmless(signature.trustedComment) }
  throw bad(
    name,
    `is not what the key ${signature.keyId} signed: it was changed, or the signature is of another file.`,
  )
}
