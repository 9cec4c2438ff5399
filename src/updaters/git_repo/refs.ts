import { resolveCommit } from './history.js'
import { limits, type Git } from './git.js'

/** Every ref and what it names, a line each; null when that cannot be told (an object is missing, say). */
export const readRefs = async (git: Git, signal: AbortSignal): Promise<string | null> => {
  const args = ['for-each-ref', '--format=%(objecttype) %(objectname) %(refname)']
  const result = await git.attempt(args, { timeout: limits.read, signal, readsOnly: true })
  return result.code === 0 && result.stderr === '' ? result.stdout.toString('utf8') : null
}

/** The commit that a ref names, null when it names none. @param refs as they were read; null: git is asked */
export const commitOf = async (
  git: Git,
  refs: string | null,
  ref: string,
  signal: AbortSignal,
): Promise<string | null> => {
  const line = refs?.split('\n').find((text) => text.endsWith(` ${ref}`))
  const [type, commit] = line?.split(' ') ?? []
  return type === 'commit' && commit !== undefined ? commit : resolveCommit(git, ref, signal)
}
