import path from 'node:path'
import { MoonkeeperError } from '../contract/error.js'
import { inspect, unpack } from '../releases/archive.js'
import { parsePublicKey, verifySignature } from '../releases/minisign.js'
import type { Files } from '../system/files.js'
import type { OpenFile } from '../system/open-file.js'
import { manifestName, readManifest, signatureName, type ImageManifest } from './manifest.js'
import { checkFile } from './member.js'
import { badImage } from './problem.js'

export interface ImageRules {
  /** minisign public keys: with any, an image must be signed by one of them. */
  readonly signingKeys: readonly string[]
  /** Without a key: whether an image is taken all the same. */
  readonly allowUnsigned: boolean
  /** Bytes that an image may unpack to. */
  readonly maxSize: number
  /** As Node calls it; null: it is looked at on another machine than it is for. */
  readonly architecture: string | null
}

/** Bytes: as much as an image holds. */
const anySize = 4 * 1024 ** 3

export interface ValidationRequest {
  readonly archive: string
  /** Is made, with the members in it; there must be nothing yet. */
  readonly folder: string
  readonly rules: ImageRules
  readonly signal: AbortSignal
  /** 0 to 1. */
  readonly progress: (fraction: number) => void
}

export interface ValidImage {
  readonly manifest: ImageManifest
  /** The id of the key; null when none was asked for. */
  readonly signedBy: string | null
}

/** Bytes in memory, for what reads files. */
const inMemory = (content: Buffer): OpenFile => ({
  path: manifestName,
  size: content.length,
  read: (buffer, position) => Promise.resolve(content.copy(buffer, 0, position)),
  async *chunks(start, end) {
    yield content.subarray(start, end)
  },
  close: () => Promise.resolve(),
})

/** @throws bad_signature, unsigned_image */
const checkSignature = async (
  content: Buffer,
  signature: string | null,
  { signingKeys, allowUnsigned }: ImageRules,
): Promise<string | null> => {
  if (signingKeys.length > 0) {
    const keys = signingKeys.map(parsePublicKey)
    const { keyId } = await verifySignature({ file: inMemory(content), name: 'The image', signature, keys })
    return keyId
  }
  if (allowUnsigned) return null
  throw new MoonkeeperError(
    'bad_signature',
    "The image is refused: no key is named that could prove where it comes from. Name one in 'signing_keys', " +
      "or set 'allow_unsigned_images: True' in [moonkeeper]. Nothing of it is kept.",
  )
}

const checkArchitecture = ({ applications }: ImageManifest, own: string | null): void => {
  if (own === null) return
  const other = applications.find(({ architecture }) => architecture !== null && architecture !== own)
  if (other === undefined) return
  throw badImage(`${other.name} in it is for ${other.architecture ?? '?'}, and this machine is ${own}`)
}

/** Nothing but what the manifest lists, and no links. */
const checkFiles = (files: readonly string[], links: number, { members }: ImageManifest): void => {
  if (links > 0) throw badImage('it has links in it')
  const listed = new Set([...members.map((member) => member.path), manifestName, signatureName])
  const stray = files.find((file) => !listed.has(file))
  if (stray !== undefined) throw badImage(`${stray} in it is not listed`)
  const present = new Set(files)
  const missing = members.find((member) => !present.has(member.path))
  if (missing !== undefined) throw badImage(`${missing.path} is missing in it`)
}

/**
 * What a folder of members is: looked at again, by the rules that hold now.
 * @throws bad_image, bad_signature
 */
export const readTrusted = async (
  folder: string,
  rules: ImageRules,
  files: Pick<Files, 'readContent' | 'readText'>,
): Promise<ValidImage> => {
  const content = await files.readContent(path.join(folder, manifestName))
  const manifest = readManifest(content)
  const signature = await files.readText(path.join(folder, signatureName))
  return { manifest, signedBy: await checkSignature(content ?? Buffer.alloc(0), signature, rules) }
}

/** The half of the work that unpacking is said to be. */
const unpackShare = 0.5

const unpackMembers = async (request: ValidationRequest, manifest: ImageManifest): Promise<void> => {
  const { archive, folder, rules, signal, progress } = request
  const unpacked = await unpack({
    archive,
    folder,
    limits: { size: rules.maxSize },
    signal,
    progress: (bytes, total) => progress(total === 0 ? 0 : (bytes / total) * unpackShare),
  })
  checkFiles(unpacked.files, unpacked.links, manifest)
  const total = manifest.members.reduce((sum, { size }) => sum + size, 0)
  let done = 0
  for (const member of manifest.members) {
    await checkFile({ ...member, path: path.join(folder, member.path) }, member.path, signal)
    done += member.size
    progress(unpackShare + (total === 0 ? 1 : done / total) * (1 - unpackShare))
  }
}

export interface CheckRequest {
  readonly archive: string
  /** Is made, with the members in it; there must be nothing yet. */
  readonly folder: string
  /** None: whose signature it has is not asked. */
  readonly signingKeys: readonly string[]
  readonly signal: AbortSignal
}

/** Looks at an image wherever it is for. @throws bad_image, bad_signature, bad_archive */
export const checkImage = async ({
  archive,
  folder,
  signingKeys,
  signal,
}: CheckRequest): Promise<ValidImage> => {
  const rules = { signingKeys, allowUnsigned: true, maxSize: anySize, architecture: null }
  return validateImage({ archive, folder, rules, signal, progress: () => undefined })
}

/**
 * Looks at an image, the cheap and the dangerous first, and unpacks what it carries. When it is refused the folder is
 * the caller's to remove.
 * @throws bad_image, bad_signature, bad_archive, no_space, command_failed; the signal's reason
 */
export const validateImage = async (request: ValidationRequest): Promise<ValidImage> => {
  const { archive, rules, signal } = request
  const look = { archive, limits: { size: rules.maxSize }, signal }
  const { content } = await inspect({ ...look, read: manifestName })
  const manifest = readManifest(content)
  const signature = (await inspect({ ...look, read: signatureName })).content
  const signedBy = await checkSignature(
    content ?? Buffer.alloc(0),
    signature?.toString('utf8') ?? null,
    rules,
  )
  checkArchitecture(manifest, rules.architecture)
  await unpackMembers(request, manifest)
  return { manifest, signedBy }
}
