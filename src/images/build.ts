import path from 'node:path'
import type { Files } from '../system/files.js'
import { openFile } from '../system/open-file.js'
import { manifestName, signatureName, type ImageManifest } from './manifest.js'
import { createZip, type ZipWriter } from './zip-writer.js'

type Application = ImageManifest['applications'][number]

/** What one application puts into an image. */
export interface ImagePart {
  readonly application: Omit<Application, 'members'>
  /** Files on this machine, by the names that they have in the image. */
  readonly files: readonly { readonly name: string; readonly file: string }[]
}

export interface BuildRequest {
  /** Where the image is to be; what is there is replaced when the new one is whole. */
  readonly target: string
  /** What people call the image. */
  readonly version: string
  /** Unix seconds. */
  readonly created: number
  readonly parts: readonly ImagePart[]
  /** Signs the manifest; null: unsigned. */
  readonly sign: ((manifest: Buffer) => string) | null
  readonly files: Files
  readonly signal: AbortSignal
}

/** A name that is good in every archive. */
const plain = (name: string): string => name.replace(/[^A-Za-z0-9._+-]/g, '-').replace(/^[.-]+/, '_')

const writeParts = async (
  zip: ZipWriter,
  { parts, version, created, signal }: BuildRequest,
): Promise<ImageManifest> => {
  const applications: Application[] = []
  const members: ImageManifest['members'] = []
  for (const [index, { application, files }] of parts.entries()) {
    const own: string[] = []
    for (const { name, file } of files) {
      signal.throwIfAborted()
      const member = `${index}-${plain(application.name)}/${plain(name)}`
      const source = await openFile(file)
      try {
        members.push({ path: member, ...(await zip.addFile(member, source)) })
      } finally {
        await source.close()
      }
      own.push(member)
    }
    applications.push({ ...application, members: own })
  }
  return { format: 1, version, created, applications, members }
}

/**
 * Makes an image: beside its target first, so that a half one never has its name.
 * @throws too_large; what the file system refuses; the signal's reason
 */
export const buildImage = async (request: BuildRequest): Promise<ImageManifest> => {
  const { target, files } = request
  const unfinished = path.join(path.dirname(target), `.${path.basename(target)}.unfinished`)
  await files.remove(unfinished)
  const zip = await createZip(unfinished)
  try {
    const manifest = await writeParts(zip, request)
    const text = Buffer.from(`${JSON.stringify(manifest)}\n`)
    await zip.addBytes(manifestName, text)
    if (request.sign !== null) await zip.addBytes(signatureName, Buffer.from(request.sign(text)))
    await zip.finish()
    await files.rename(unfinished, target)
    return manifest
  } catch (thrown) {
    await zip.abandon().catch(() => undefined)
    await files.remove(unfinished).catch(() => undefined)
    throw thrown
  }
}
