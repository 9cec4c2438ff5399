import path from 'node:path'
import type { Clock } from '../../system/clock.js'
import type { Files } from '../../system/files.js'
import { locate } from './location.js'

const patience = 60_000
const pause = 250

/** Lock files that git leaves behind when it is killed. */
const lockNames = [
  'index.lock',
  'HEAD.lock',
  'ORIG_HEAD.lock',
  'config.lock',
  'shallow.lock',
  'packed-refs.lock',
]

/**
 * Waits until nobody holds the index. compat: a lock that is still there after a minute is taken for stale and removed.
 */
export const waitForIndexLock = async (
  gitFolder: string,
  files: Files,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> => {
  const lock = path.join(gitFolder, 'index.lock')
  const end = clock.now() + patience
  while ((await files.stat(lock)) !== null) {
    if (clock.now() >= end) return files.remove(lock)
    await clock.wait(pause, signal)
  }
  await removeOldLocks(gitFolder, files, clock.now() - patience)
}

/** Locks of branches that are older than any command takes were left by a git that was killed. */
const removeOldLocks = async (gitFolder: string, files: Files, before: number): Promise<void> => {
  const folders = ['refs/heads', 'refs/remotes'].map((name) => path.join(gitFolder, name))
  const found = (await Promise.all(folders.map((folder) => locksBelow(folder, files)))).flat()
  const named = lockNames.map((name) => path.join(gitFolder, name))
  for (const lock of [...named, ...found]) {
    const stat = await files.stat(lock)
    if (stat !== null && stat.mtimeMs < before) await files.remove(lock)
  }
}

const locksBelow = async (folder: string, files: Pick<Files, 'list'>): Promise<readonly string[]> => {
  const found: string[] = []
  for (const entry of await files.list(folder)) {
    const target = path.join(folder, entry.name)
    if (entry.kind === 'directory') found.push(...(await locksBelow(target, files)))
    else if (entry.name.endsWith('.lock')) found.push(target)
  }
  return found
}

type LockReader = Pick<Files, 'list' | 'readText' | 'stat'>

/** The locks that there are in a git folder, whoever holds them. */
export const locksIn = async (gitFolder: string, files: LockReader): Promise<readonly string[]> => {
  const found: string[] = []
  for (const lock of lockNames.map((name) => path.join(gitFolder, name)))
    if ((await files.stat(lock)) !== null) found.push(lock)
  return [...found, ...(await locksBelow(path.join(gitFolder, 'refs'), files))]
}

/** Git folders of submodules: where there is a HEAD. Their names may have slashes. */
const modulesBelow = async (folder: string, files: LockReader): Promise<readonly string[]> => {
  const found: string[] = []
  for (const { name, kind } of await files.list(folder)) {
    if (kind !== 'directory') continue
    const target = path.join(folder, name)
    const isOne = (await files.stat(path.join(target, 'HEAD'))) !== null
    if (isOne) found.push(target)
    found.push(...(await modulesBelow(isOne ? path.join(target, 'modules') : target, files)))
  }
  return found
}

/** The git folders of a checkout: its own, and those of its submodules. None where there is no checkout. */
export const gitFoldersOf = async (folder: string, files: LockReader): Promise<readonly string[]> => {
  const { repository, gitFolder, commonFolder } = await locate(folder, files)
  if (repository === 'absent') return []
  const modules = await modulesBelow(path.join(commonFolder, 'modules'), files)
  return [...new Set([gitFolder, commonFolder, ...modules])]
}

/** Removes the locks of a git that was killed. Only when nothing of ours runs any more. */
export const removeStaleLocks = async (gitFolders: readonly string[], files: Files): Promise<void> => {
  for (const folder of gitFolders) for (const lock of await locksIn(folder, files)) await files.remove(lock)
}
