import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** A key that signs as minisign does. */
export interface Signer {
  /** The second line of the .pub file. */
  readonly publicKey: string
  readonly keyId: Buffer
  readonly secret: KeyObject
}

export const createSigner = (keyId = 'keykeyid'): Signer => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const id = Buffer.from(keyId, 'latin1')
  return {
    publicKey: Buffer.concat([Buffer.from('Ed'), id, raw]).toString('base64'),
    keyId: id,
    secret: privateKey,
  }
}

export interface SigningOptions {
  /** ED signs the BLAKE2b-512 of the content, Ed the content. */
  readonly algorithm?: string
  readonly comment?: string
}

/** The text of a .minisig file. */
export const signContent = (
  signer: Signer,
  content: Buffer,
  { algorithm = 'ED', comment = 'timestamp:1' }: SigningOptions = {},
): string => {
  const message = algorithm === 'Ed' ? content : createHash('blake2b512').update(content).digest()
  const signature = sign(null, message, signer.secret)
  const global = sign(null, Buffer.concat([signature, Buffer.from(comment)]), signer.secret)
  const line = Buffer.concat([Buffer.from(algorithm), signer.keyId, signature])
  return [
    'untrusted comment: signature of a test',
    line.toString('base64'),
    `trusted comment: ${comment}`,
    global.toString('base64'),
    '',
  ].join('\n')
}
