import { createHash } from 'node:crypto'
import { openFile, type OpenFile } from '../system/open-file.js'
import { badImage } from './problem.js'

/** A file that came in an image, and what must be in it. */
export interface MemberFile {
  /** Where it lies. */
  readonly path: string
  readonly size: number
  /** Hexadecimal. */
  readonly sha256: string
}

const digestOf = async (file: OpenFile, signal: AbortSignal): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of file.chunks(0, file.size)) {
    signal.throwIfAborted()
    hash.update(chunk)
  }
  return hash.digest('hex')
}

/** @param name what people call the file. @throws bad_image when something else is in it; the signal's reason */
export const checkFile = async (
  { path, size, sha256 }: MemberFile,
  name: string,
  signal: AbortSignal,
): Promise<void> => {
  const file = await openFile(path)
  try {
    if (file.size !== size) throw badImage(`${name} in it has ${file.size} bytes instead of ${size}`)
    if ((await digestOf(file, signal)) !== sha256)
      throw badImage(`${name} in it is not what its manifest says (SHA-256)`)
  } finally {
    await file.close()
  }
}
