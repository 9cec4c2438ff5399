import { createHash } from 'node:crypto'
import type { ImageManifest } from '../../src/contract/generated/types.js'
import { signContent, type Signer } from './minisign.js'
import { makeZip, type ZipEntry } from './zip.js'

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

export interface ImageParts {
  /** Path and content of every member. */
  readonly members: Readonly<Record<string, Buffer>>
  readonly manifest: ImageManifest
}

/** One application of two members; what is not given is true. */
export const imageParts = (change: Partial<ImageManifest> = {}): ImageParts => {
  const members = { 'app/one.bin': Buffer.from('first file'), 'app/two.bin': Buffer.alloc(70_000, 7) }
  const manifest: ImageManifest = {
    format: 1,
    version: '2026.11',
    created: 1_767_225_600,
    applications: [
      {
        name: 'app',
        type: 'web',
        version: 'v2.0.0',
        id: 'v2.0.0',
        source: 'owner/app',
        architecture: null,
        members: Object.keys(members),
        branch: null,
        release: null,
      },
    ],
    members: Object.entries(members).map(([path, content]) => ({
      path,
      size: content.length,
      sha256: sha256(content),
    })),
    ...change,
  }
  return { members, manifest }
}

/** The file of an image. @param signer signs its manifest; null: unsigned */
export const makeImage = (
  { members, manifest }: ImageParts,
  signer: Signer | null,
  more: readonly ZipEntry[] = [],
): Buffer => {
  const text = Buffer.from(JSON.stringify(manifest))
  const signed =
    signer === null ? [] : [{ name: 'manifest.json.minisig', content: signContent(signer, text) }]
  const files = Object.entries(members).map(([name, content]) => ({ name, content }))
  return makeZip([{ name: 'manifest.json', content: text }, ...signed, ...files, ...more])
}
