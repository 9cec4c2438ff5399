import { createHash, createPrivateKey, createPublicKey, scryptSync, sign, type KeyObject } from 'node:crypto'
import { MoonkeeperError } from '../contract/error.js'

/** Secret keys as minisign keeps them, for signing. The format: https://jedisct1.github.io/minisign/ */

export interface SecretKey {
  /** The second line of the .pub file that belongs to it. */
  readonly publicKey: string
  /**
   * The text of a .minisig file.
   * @param comment what is said of the content, and signed too: one line
   */
  sign(content: Buffer, comment: string): string
}

/** Bytes of the parts of a key file, in their order. */
const parts = { algorithm: 2, kdf: 2, checksum: 2, salt: 32, operations: 8, memory: 8, secret: 104 } as const
const secretLength = parts.secret
const keyLength = Object.values(parts).reduce((sum, length) => sum + length, 0)
const pkcs8Header = Buffer.from('302e020100300506032b657004220420', 'hex')
/** scrypt that takes more memory than this is refused: a key of minisign takes one GiB. */
const maxMemory = 2 * 1024 ** 3

const refused = (what: string): MoonkeeperError => new MoonkeeperError('bad_argument', what)

interface Fields {
  readonly kdf: string
  readonly salt: Buffer
  readonly operations: number
  readonly memory: number
  readonly secret: Buffer
}

const fieldsOf = (text: string): Fields => {
  const line = text.split(/\r?\n/).find((one) => one !== '' && !one.startsWith('untrusted comment:')) ?? ''
  const bytes = Buffer.from(line, 'base64')
  if (bytes.length < keyLength || bytes.toString('latin1', 0, 2) !== 'Ed')
    throw refused('This is no secret key of minisign. `minisign -G` makes one.')
  return {
    kdf: bytes.toString('latin1', 2, 4),
    salt: bytes.subarray(6, 38),
    operations: Number(bytes.readBigUInt64LE(38)),
    memory: Number(bytes.readBigUInt64LE(46)),
    secret: bytes.subarray(54, 54 + secretLength),
  }
}

/** The smallest power of two that is more than half of this. */
const powerFor = (most: number): number => {
  let n = 2
  while (n <= most / 2) n *= 2
  return n
}

/** scrypt's parameters, as libsodium takes them from the limits of operations and memory. */
const scryptParameters = ({ operations, memory }: Fields): { N: number; r: number; p: number } => {
  const r = 8
  const small = operations < memory / 32
  const N = powerFor(small ? operations / (r * 4) : memory / (r * 128))
  const p = small ? 1 : Math.floor(Math.min(Math.floor(operations / 4 / N), 0x3fffffff) / r)
  if (128 * N * r > maxMemory || p < 1) throw refused('This secret key asks for more memory than is allowed.')
  return { N, r, p }
}

const decrypt = (fields: Fields, password: string): Buffer => {
  const parameters = scryptParameters(fields)
  const stream = scryptSync(password, fields.salt, secretLength, {
    ...parameters,
    maxmem: maxMemory + 64 * 1024 ** 2,
  })
  return Buffer.from(fields.secret.map((byte, index) => byte ^ (stream[index] ?? 0)))
}

const publicBytes = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)

/** True when the key file is locked with a password. @throws bad_argument when it is no key file */
export const isLocked = (text: string): boolean => fieldsOf(text).kdf !== '\0\0'

/**
 * @param password null for a key that has none (`minisign -G -W`)
 * @throws bad_argument when it is no key, or the password is wrong
 */
export const readSecretKey = (text: string, password: string | null): SecretKey => {
  const fields = fieldsOf(text)
  if (fields.kdf !== 'Sc' && fields.kdf !== '\0\0')
    throw refused('This secret key is locked in a way that is not known here.')
  if (fields.kdf === 'Sc' && password === null) throw refused('This secret key needs its password.')
  const secret = fields.kdf === 'Sc' ? decrypt(fields, password ?? '') : fields.secret
  const [id, seed, own] = [secret.subarray(0, 8), secret.subarray(8, 40), secret.subarray(40, 72)]
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Header, seed]), format: 'der', type: 'pkcs8' })
  if (!publicBytes(key).equals(own)) throw refused('The password of the secret key is wrong.')
  return {
    publicKey: Buffer.concat([Buffer.from('Ed'), id, own]).toString('base64'),
    sign: (content, comment) => signatureText(key, id, content, comment),
  }
}

const signatureText = (key: KeyObject, id: Buffer, content: Buffer, comment: string): string => {
  const line = comment.replace(/[\r\n]+/g, ' ')
  const signature = sign(null, createHash('blake2b512').update(content).digest(), key)
  const whole = sign(null, Buffer.concat([signature, Buffer.from(line)]), key)
  return [
    'untrusted comment: signature from moonkeeper',
    Buffer.concat([Buffer.from('ED'), id, signature]).toString('base64'),
    `trusted comment: ${line}`,
    whole.toString('base64'),
    '',
  ].join('\n')
}
