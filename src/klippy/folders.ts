import path from 'node:path'
import type { Files } from '../system/files.js'

/** Folders of a Klipper checkout that front ends read, and what they are called. */
const folders = [
  ['config', 'config_examples'],
  ['docs', 'docs'],
] as const

/** compat: a Klipper without these folders is told as Moonraker tells it. */
export const missingFolders = async (klipperPath: string, files: Files): Promise<readonly string[]> => {
  const warnings: string[] = []
  for (const [name, root] of folders) {
    const folder = path.join(klipperPath, name)
    if ((await files.stat(folder))?.isDirectory() === true) continue
    warnings.push(
      `Supplied path (${folder}) for (${root}) is invalid. Make sure\nthat the path exists and is not the file system root.`,
    )
  }
  return warnings
}
