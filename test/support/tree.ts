import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Writes files, by their path in a folder. */
export const writeTree = (folder: string, content: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(content)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
}
