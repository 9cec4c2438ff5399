import path from 'node:path'
import type { Checkout } from './checkout.js'
import { limits, type Git } from './git.js'
import type { InspectionSetup } from './inspection.js'
import { locate, type Location } from './location.js'

/*
 * A ref for each kept version keeps its objects from git's own tidying, also when the remote's history is written anew.
 * They are the application's own: several may be worktrees of one repository.
 */

/** A name as a part of a ref: nothing in it means anything to git, and no two names are the same. */
const encoded = (name: string): string =>
  [...Buffer.from(name, 'utf8')]
    .map((byte) => String.fromCharCode(byte))
    .map((letter) =>
      /[A-Za-z0-9_-]/.test(letter) ? letter : `=${letter.charCodeAt(0).toString(16).padStart(2, '0')}`,
    )
    .join('')

export const keptRef = (application: string, commit: string): string =>
  `refs/moonkeeper/${encoded(application)}/kept/${commit}`

/** As they were called when they were the repository's. */
const oldPrefix = 'refs/moonkeeper/kept/'

export const keepVersion = async ({ git, name }: Checkout, commit: string): Promise<void> => {
  await git.run(['update-ref', keptRef(name, commit), commit])
}

/** Nobody else uses these refs: a lock on one was left by a git that was killed. */
export const dropKeptRef = async (
  { git, name, outside }: Pick<Checkout, 'git' | 'name' | 'outside'>,
  commit: string,
): Promise<void> => {
  const ref = keptRef(name, commit)
  const { commonFolder } = await locate(git.folder, outside.files)
  await outside.files.remove(path.join(commonFolder, `${ref}.lock`))
  await git.run(['update-ref', '-d', ref])
}

/** True when nothing would keep the last of some versions any more without their refs: then there is room to gain. */
const isKeptAlone = async (
  { git, name }: Pick<Checkout, 'git' | 'name'>,
  commits: readonly string[],
): Promise<boolean> => {
  const others = commits.map((commit) => `--exclude=${keptRef(name, commit)}`)
  const last = commits.at(-1) ?? 'HEAD'
  const found = await git.attempt(['rev-list', '--max-count=1', last, '--not', ...others, '--all', '--'])
  return found.code === 0 && found.stdout.length > 0
}

/**
 * The kept versions that must go to make room: as few as do, the oldest first.
 * @param commits oldest first
 * @param frees true when something besides is free without the first so many of them
 * @returns none when all of them are part of something else: without their names nothing more would be free
 */
export const fewestToDrop = async (
  checkout: Pick<Checkout, 'git' | 'name'>,
  commits: readonly string[],
  frees: (count: number) => boolean,
): Promise<readonly string[]> => {
  for (let count = 1; count <= commits.length; count += 1) {
    const gone = commits.slice(0, count)
    if (frees(count) || (await isKeptAlone(checkout, gone))) return gone
  }
  return []
}

/** git tidies when it thinks that this is worth it, and as long ago as its settings say. */
export const tidyObjects = async (git: Git): Promise<void> => {
  const args = ['-c', 'gc.auto=6700', '-c', 'gc.autoDetach=false', 'gc', '--auto', '--quiet']
  await git.attempt(args, { timeout: limits.transfer })
}

/**
 * Refs of an older Moonkeeper become the application's own. Where several worktrees share the repository the old ones
 * stay: another application may need them still.
 * @param refs every ref, as readRefs tells them
 * @returns true when refs were changed
 */
export const adoptKeptRefs = async (
  { git, name, outside }: InspectionSetup,
  kept: readonly { readonly commit: string }[],
  location: Location,
  refs: string | null,
): Promise<boolean> => {
  const lines = refs?.split('\n') ?? []
  const old = lines.map((line) => line.split(' ')[2] ?? '').filter((ref) => ref.startsWith(oldPrefix))
  if (old.length === 0) return false
  const worktrees = await outside.files.list(path.join(location.commonFolder, 'worktrees'))
  const shared = location.repository === 'worktree' || worktrees.length > 0
  const wanted = kept.map(({ commit }) => commit).filter((commit) => old.includes(oldPrefix + commit))
  const missing = wanted.filter((commit) => !lines.some((line) => line.endsWith(` ${keptRef(name, commit)}`)))
  const own = missing.map((commit) => `update ${keptRef(name, commit)} ${commit}\n`)
  const gone = shared ? [] : old.map((ref) => `delete ${ref}\n`)
  const input = [...own, ...gone].join('')
  if (input === '') return false
  return (await git.attempt(['update-ref', '--stdin'], { input })).code === 0
}
