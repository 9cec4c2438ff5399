import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import path from 'node:path'

const describe = (target: string): string => {
  const { mode } = lstatSync(target)
  const type = mode & 0o170000
  const bits = (mode & 0o7777).toString(8)
  if (type === 0o120000) return `link to ${readlinkSync(target)}`
  return type === 0o040000 ? `folder ${bits}` : `file ${bits} ${readFileSync(target, 'base64')}`
}

/** All that is below a folder: kinds, permissions and contents by path. */
export const snapshot = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => [name, describe(path.join(folder, name))]),
  )
