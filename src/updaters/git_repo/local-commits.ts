import path from 'node:path'
import type { Checkout } from './checkout.js'
import { limits } from './git.js'
import type { GitRepoState } from './state.js'

/**
 * Keeps commits, branches and stashes that only the old checkout has, before a new clone takes its place:
 * as a bundle where git can read them, else the whole old `.git` when it tells of such work.
 */
export const keepLocalCommits = async (
  checkout: Checkout,
  target: NonNullable<GitRepoState['target']>,
): Promise<void> => {
  const { git, name, outside } = checkout
  const folder = path.join(outside.dataFolder, 'edits', name)
  const stash = path.join(git.folder, '.git', 'refs', 'stash')
  const reflog = (await outside.files.readText(path.join(git.folder, '.git', 'logs', 'HEAD'))) ?? ''
  const hasStash = (await outside.files.stat(stash)) !== null
  const hasWork = hasStash || /\tcommit(?: \([a-z]+\))?: /.test(reflog)
  if (!hasWork) return
  await outside.files.makeFolder(folder)
  if (target.readable) {
    const bundle = path.join(folder, `${target.stamp}.bundle`)
    const refs = ['--branches', ...(hasStash ? ['refs/stash'] : []), '--not', '--remotes']
    const made = await git.attempt(['bundle', 'create', '--quiet', bundle, ...refs], {
      timeout: limits.transfer,
    })
    // An empty bundle is refused by git: then everything is on the remote as well.
    if (made.code === 0 || /empty bundle/.test(made.stderr)) return
  }
  await copyTree(checkout, path.join(git.folder, '.git'), path.join(folder, `${target.stamp}.git`))
}

const copyTree = async (checkout: Checkout, from: string, to: string): Promise<void> => {
  const { files } = checkout.outside
  for (const entry of await files.list(from)) {
    const source = path.join(from, entry.name)
    const place = path.join(to, entry.name)
    if (entry.kind === 'directory') await copyTree(checkout, source, place)
    else await files.copyEntry(source, place)
  }
}
