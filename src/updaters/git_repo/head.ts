import type { Git } from './git.js'
import { resolveCommit } from './history.js'

/** Where HEAD is: on a branch, or detached at a commit (branch null). */
export interface Place {
  readonly commit: string
  readonly branch: string | null
}

/** Points a branch to a commit; null removes it. Idempotent. @throws GitError */
export const setBranch = async (git: Git, branch: string, commit: string | null): Promise<void> => {
  const ref = `refs/heads/${branch}`
  await git.run(commit === null ? ['update-ref', '-d', ref] : ['update-ref', ref, commit])
}

/** Points HEAD and its branch to a place. Touches no files and no index. Idempotent. @throws GitError */
export const setHead = async (git: Git, place: Place): Promise<void> => {
  if (place.branch === null) {
    await git.run(['update-ref', '--no-deref', 'HEAD', place.commit])
    return
  }
  await setBranch(git, place.branch, place.commit)
  await git.run(['symbolic-ref', 'HEAD', `refs/heads/${place.branch}`])
}

const headArguments = ['HEAD^{commit}', '--symbolic-full-name', 'HEAD']

const placeIn = ([commit = '', name = 'HEAD']: readonly string[]): Place => ({
  commit,
  branch: name.startsWith('refs/heads/') ? name.slice('refs/heads/'.length) : null,
})

/** Where HEAD is now. @throws GitError */
export const readHead = async (git: Git): Promise<Place> =>
  placeIn((await git.read(['rev-parse', ...headArguments])).split('\n'))

/** The same, and the commit that a ref names (its whole name), null when it names none. @throws GitError */
export const readHeadAnd = async (
  git: Git,
  ref: string,
  signal: AbortSignal,
): Promise<{ readonly head: Place; readonly commit: string | null }> => {
  const args = ['rev-parse', `${ref}^{commit}`, ...headArguments]
  const result = await git.attempt(args, { signal, readsOnly: true })
  if (result.code !== 0) return { head: await readHead(git), commit: await resolveCommit(git, ref, signal) }
  const [commit = '', ...rest] = result.stdout.toString('utf8').trimEnd().split('\n')
  return { head: placeIn(rest), commit }
}
