import path from 'node:path'
import { inspect, unpack } from '../releases/archive.js'
import type { Files } from '../system/files.js'
import { openFile } from '../system/open-file.js'
import { manifestName, readManifest, signatureName, type ImageManifest } from './manifest.js'
import { badImage } from './problem.js'
import { createZip, type ZipWriter } from './zip-writer.js'

export interface SignRequest {
  readonly file: string
  /** @returns the text of a .minisig file */
  readonly sign: (manifest: Buffer) => string
  readonly files: Files
  readonly signal?: AbortSignal
}

/** Bytes: as much as an image holds. */
const limits = { size: 4 * 1024 ** 3 }

/** Whoever signs stands for what is in it. */
const copyMembers = async (zip: ZipWriter, folder: string, { members }: ImageManifest): Promise<void> => {
  for (const member of members) {
    const source = await openFile(path.join(folder, member.path))
    try {
      const { size, sha256 } = await zip.addFile(member.path, source)
      if (size !== member.size || sha256 !== member.sha256)
        throw badImage(`${member.path} in it is not what its manifest says (SHA-256)`)
    } finally {
      await source.close()
    }
  }
}

/**
 * Signs an image, or signs it anew: it is made once more beside itself, and takes its place when it is whole.
 * @throws bad_image, bad_archive; what the file system refuses
 */
export const signImage = async ({ file, sign, files, signal }: SignRequest): Promise<ImageManifest> => {
  const { content } = await inspect({ archive: file, read: manifestName, limits, signal })
  const manifest = readManifest(content)
  const beside = (what: string): string => path.join(path.dirname(file), `.${path.basename(file)}.${what}`)
  const [folder, unfinished] = [beside('unpacked'), beside('unfinished')]
  for (const left of [folder, unfinished]) await files.remove(left)
  try {
    await unpack({ archive: file, folder, limits, signal })
    const zip = await createZip(unfinished)
    try {
      await copyMembers(zip, folder, manifest)
      const text = content ?? Buffer.alloc(0)
      await zip.addBytes(manifestName, text)
      await zip.addBytes(signatureName, Buffer.from(sign(text)))
    } catch (thrown) {
      await zip.abandon().catch(() => undefined)
      throw thrown
    }
    await zip.finish()
    await files.rename(unfinished, file)
    return manifest
  } finally {
    for (const left of [folder, unfinished]) await files.remove(left).catch(() => undefined)
  }
}
