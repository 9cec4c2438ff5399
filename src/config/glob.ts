import { readdir, stat } from 'node:fs/promises'

const wildcard = /[*?[]/

const isFolder = async (path: string): Promise<boolean> => {
  const found = await stat(path).catch(() => null)
  return found?.isDirectory() ?? false
}

const names = async (folder: string): Promise<string[]> => readdir(folder).catch(() => [])

const asRegExp = (pattern: string): RegExp => {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]')
  return new RegExp(`^${source}$`, 'u')
}

/** The folder and all below it, symlinks not followed. */
const folders = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const below = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => folders(`${folder}/${entry.name}`)),
  )
  return [folder, ...below.flat()]
}

const step = async (folder: string, part: string): Promise<string[]> => {
  if (part === '**') return folders(folder)
  if (!wildcard.test(part)) {
    const path = `${folder}/${part}`
    return (await stat(path).catch(() => null)) === null ? [] : [path]
  }
  const matching = asRegExp(part)
  return (await names(folder)).filter((name) => matching.test(name)).map((name) => `${folder}/${name}`)
}

const byParts = (a: string, b: string): number => {
  const left = a.split('/')
  const right = b.split('/')
  const index = left.findIndex((part, position) => part !== right[position])
  if (index < 0) return left.length - right.length
  return (left[index] ?? '') < (right[index] ?? '') ? -1 : 1
}

/**
 * What matches a pattern with `*`, `?` and `**` below a folder, sorted folder by folder.
 * compat: names beginning with a dot match too, as with Python's pathlib.
 */
export const glob = async (folder: string, pattern: string): Promise<readonly string[]> => {
  let found = [folder === '/' ? '' : folder]
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.length === 0) return []
  for (const [index, part] of parts.entries()) {
    const next = await Promise.all(found.map((path) => step(path, part)))
    found = [...new Set(next.flat())]
    if (index === parts.length - 1) break
    const kept = await Promise.all(found.map(isFolder))
    found = found.filter((_, position) => kept[position])
  }
  return found.sort(byParts)
}
