import path from 'node:path'
import type { Files } from '../../system/files.js'
import type { GitRepoState } from './state.js'

export interface Location {
  readonly repository: GitRepoState['repository']
  /** HEAD and the index are here. */
  readonly gitFolder: string
  /** Objects and branches are here; another folder for a worktree. */
  readonly commonFolder: string
}

type Reader = Pick<Files, 'stat' | 'readText'>

const kindOf = (gitFolder: string): GitRepoState['repository'] => {
  const parts = gitFolder.split(path.sep)
  if (parts.includes('modules')) return 'submodule'
  return parts.at(-2) === 'worktrees' ? 'worktree' : 'repo'
}

const isFolder = async (files: Reader, folder: string): Promise<boolean> =>
  (await files.stat(folder))?.isDirectory() === true

/** Where the file `.git` of a submodule or worktree points. */
const pointedTo = async (folder: string, dotGit: string, files: Reader): Promise<string | null> => {
  const pointer = /^gitdir:\s*(.+)$/m.exec((await files.readText(dotGit)) ?? '')?.[1]?.trim()
  return pointer === undefined ? null : path.resolve(folder, pointer)
}

/** Finds the git folder of a checkout: `.git`, or where the file `.git` of a submodule or worktree points. */
export const locate = async (folder: string, files: Reader): Promise<Location> => {
  const absent: Location = { repository: 'absent', gitFolder: '', commonFolder: '' }
  const dotGit = path.join(folder, '.git')
  const found = await files.stat(dotGit)
  if (found === null) return absent
  if (found.isDirectory()) return { repository: 'repo', gitFolder: dotGit, commonFolder: dotGit }
  if (!found.isFile()) return absent
  const gitFolder = await pointedTo(folder, dotGit, files)
  if (gitFolder === null) return absent
  if (!(await isFolder(files, gitFolder))) return absent
  const common = (await files.readText(path.join(gitFolder, 'commondir')))?.trim()
  const commonFolder = common === undefined ? gitFolder : path.resolve(gitFolder, common)
  return { repository: kindOf(gitFolder), gitFolder, commonFolder }
}

const isCommit = (text: string): boolean => /^[0-9a-f]{40}$/.test(text)

/** The first line of a file without spaces around; empty when there is no such file. */
const lineOf = async (files: Files, ...parts: readonly string[]): Promise<string> =>
  (await files.readText(path.join(...parts)))?.trim() ?? ''

const packedCommit = async (location: Location, ref: string, files: Files): Promise<string | null> => {
  const packed = await lineOf(files, location.commonFolder, 'packed-refs')
  const line = packed.split('\n').find((text) => text.endsWith(` ${ref}`))
  return line === undefined ? null : line.slice(0, 40)
}

/** The commit that HEAD names, read from the files themselves: works when git refuses. null when they do not tell. */
export const headCommit = async (location: Location, files: Files): Promise<string | null> => {
  const head = await lineOf(files, location.gitFolder, 'HEAD')
  if (isCommit(head)) return head
  const ref = /^ref: (refs\/[A-Za-z0-9_./+@#-]+)$/.exec(head)?.[1]
  if (ref === undefined || ref.includes('..')) return lastLogged(location, files)
  const loose = await lineOf(files, location.commonFolder, ref)
  if (isCommit(loose)) return loose
  return (await packedCommit(location, ref, files)) ?? lastLogged(location, files)
}

/** The commit that HEAD's log names last: it outlives an emptied ref. */
const lastLogged = async (location: Location, files: Files): Promise<string | null> => {
  const last = (await lineOf(files, location.gitFolder, 'logs/HEAD')).split('\n').at(-1) ?? ''
  const commit = last.split(' ')[1] ?? ''
  return isCommit(commit) ? commit : null
}
