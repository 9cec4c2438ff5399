import path from 'node:path'
import { followSymlinks } from '../config/paths.js'
import { MoonkeeperError } from '../contract/error.js'
import type { Files } from '../system/files.js'
import { gitFoldersOf, locksIn } from '../updaters/git_repo/lock.js'
import type { Check, DoctorHost, Trouble } from './check.js'

/** Milliseconds. Older than what git takes for what it has locked; but an editor may be open for long. */
const old = 10 * 60_000

type Reader = Pick<Files, 'list' | 'readText' | 'readContent' | 'stat'>

const isGone = (thrown: unknown): boolean =>
  ['ENOENT', 'ESRCH'].includes((thrown as NodeJS.ErrnoException).code ?? '')

/** Where a process of git works; none when it is no git, or has ended; null when it is somebody else's and does not tell. */
const placeOf = async (pid: string, files: Reader): Promise<readonly (string | null)[]> => {
  const program = (await files.readText(`/proc/${pid}/comm`).catch(() => null))?.trim() ?? ''
  if (!/^git(?:-|$)/.test(program)) return []
  try {
    const place = await files.readContent(`/proc/${pid}/cwd`)
    return place === null ? [] : [place.toString('utf8')]
  } catch (thrown) {
    return isGone(thrown) ? [] : [null]
  }
}

const placesOfGit = async (files: Reader): Promise<readonly (string | null)[]> => {
  const processes = (await files.list('/proc')).filter(({ name }) => /^\d+$/.test(name))
  return (await Promise.all(processes.map(({ name }) => placeOf(name, files)))).flat()
}

const isInside = (place: string, folder: string): boolean =>
  place === folder || place.startsWith(`${folder}/`)

/** Whether a git works there, or might. */
const isInUse = async (folders: readonly string[], files: Reader): Promise<boolean> =>
  (await placesOfGit(files)).some(
    (place) => place === null || folders.some((folder) => isInside(place, folder)),
  )

const isStale = async (lock: string, { files, clock }: DoctorHost): Promise<boolean> => {
  const stat = await files.stat(lock)
  return stat !== null && stat.isFile() && stat.mtimeMs < clock.now() - old
}

/** Removes it if it still is what was found. What went by itself is mended, too. @throws busy */
const remove = async (lock: string, folders: readonly string[], host: DoctorHost): Promise<void> => {
  if (await isInUse(folders, host.files))
    throw new MoonkeeperError('busy', 'A git works there now: look again when it is done')
  if (await isStale(lock, host)) await host.files.remove(lock)
}

const trouble = (lock: string, name: string, folders: readonly string[], host: DoctorHost): Trouble => ({
  code: 'git_lock_stale',
  about: lock,
  cause: `A git that was killed left its lock in ${name}: git refuses to work there`,
  repair: `rm ${path.normalize(lock)}`,
  fix: () => host.repairs.alone(() => remove(lock, folders, host)),
})

const staleIn = async (name: string, folder: string, host: DoctorHost): Promise<readonly Trouble[]> => {
  const { files } = host
  const gitFolders = await gitFoldersOf(folder, files)
  const folders = await Promise.all([folder, ...gitFolders].map(followSymlinks))
  const stale: string[] = []
  for (const lock of (await Promise.all(gitFolders.map((one) => locksIn(one, files)))).flat())
    if (await isStale(lock, host)) stale.push(lock)
  if (stale.length === 0 || (await isInUse(folders, files))) return []
  return stale.map((lock) => trouble(lock, name, folders, host))
}

export const gitLocks: Check = {
  name: 'git_locks',
  needsRest: true,
  async look(host) {
    const looks = host.patients.map(async ({ name, folder, isGit }) =>
      isGit && folder !== null ? staleIn(name, folder, host) : [],
    )
    return (await Promise.all(looks)).flat()
  },
}
