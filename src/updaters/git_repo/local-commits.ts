import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import type { Checkout, Route } from './checkout.js'
import { limits } from './git.js'

const editsFolder = (checkout: Checkout): string =>
  path.join(checkout.outside.dataFolder, 'edits', checkout.name)

/** Where commits go that a branch loses. */
export const lostCommitsFile = (checkout: Checkout, stamp: string): string =>
  path.join(editsFolder(checkout), `${stamp}.bundle`)

/**
 * Keeps commits as a bundle that would be in no branch any more after a switch.
 * @returns the bundle; null when no commit is lost
 * @throws GitError when they cannot be kept: then nothing is switched
 */
export const keepLostCommits = async (
  checkout: Checkout,
  route: Route,
  stamp: string,
): Promise<string | null> => {
  const { git, outside } = checkout
  const tips = [route.from.commit, ...(route.toBranchWas === null ? [] : [route.toBranchWas])]
  const known = ['--not', '--remotes', route.to.commit]
  const lost = await git.read(['rev-list', '--max-count=1', ...tips, ...known, '--'])
  if (lost === '') return null
  const bundle = lostCommitsFile(checkout, stamp)
  await outside.files.makeFolder(path.dirname(bundle))
  const branch = route.toBranchWas === null ? [] : [`refs/heads/${route.to.branch ?? ''}`]
  await git.run(['bundle', 'create', '--quiet', bundle, 'HEAD', ...branch, ...known], {
    timeout: limits.transfer,
  })
  return bundle
}

/** True when git says that every commit, stash and note of the old checkout is on the remote as well. */
const isAllOnRemote = async (checkout: Checkout): Promise<boolean> => {
  const args = ['rev-list', '--max-count=1', '--all', '--reflog', 'HEAD', '--not', '--remotes', '--']
  const own = await checkout.git.attempt(args, { timeout: limits.transfer })
  return own.code === 0 && own.stdout.length === 0
}

const hasOwnHooks = async (checkout: Checkout, gitFolder: string): Promise<boolean> => {
  const hooks = await checkout.outside.files.list(path.join(gitFolder, 'hooks'))
  return hooks.some((entry) => !entry.name.endsWith('.sample'))
}

/**
 * Before a new clone takes the place of a checkout: the old `.git` is kept when it may hold what no remote has.
 * @returns where; null when there was nothing
 * @throws refused when other worktrees live from it
 */
export const keepOldRepository = async (
  checkout: Checkout,
  readable: boolean,
  stamp: string,
): Promise<string | null> => {
  const { git, name, outside } = checkout
  const gitFolder = path.join(git.folder, '.git')
  if ((await outside.files.stat(gitFolder)) === null) return null
  if ((await outside.files.list(path.join(gitFolder, 'worktrees'))).length > 0) {
    throw new MoonkeeperError(
      'refused',
      `Git Repo ${name}: other worktrees live from this checkout. Remove them first.`,
    )
  }
  if (readable && (await isAllOnRemote(checkout)) && !(await hasOwnHooks(checkout, gitFolder))) return null
  const kept = oldRepository(checkout, stamp)
  await copyTree(checkout, gitFolder, kept)
  return kept
}

export const oldRepository = (checkout: Checkout, stamp: string): string =>
  path.join(editsFolder(checkout), `${stamp}.git`)

const copyTree = async (checkout: Checkout, from: string, to: string): Promise<void> => {
  const { files } = checkout.outside
  await files.makeFolder(to)
  for (const entry of await files.list(from)) {
    const source = path.join(from, entry.name)
    const place = path.join(to, entry.name)
    if (entry.kind === 'directory') await copyTree(checkout, source, place)
    else if (entry.kind !== 'other') await files.copyEntry(source, place)
  }
}
