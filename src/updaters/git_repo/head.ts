import type { Git } from './git.js'

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

/** Where HEAD is now. @throws GitError */
export const readHead = async (git: Git): Promise<Place> => {
  const text = await git.read(['rev-parse', 'HEAD^{commit}', '--symbolic-full-name', 'HEAD'])
  const [commit = '', name = 'HEAD'] = text.split('\n')
  return { commit, branch: name.startsWith('refs/heads/') ? name.slice('refs/heads/'.length) : null }
}
