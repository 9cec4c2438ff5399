import { describe } from './history.js'
import type { Git } from './git.js'

/** Milliseconds. Damage deep in a history shows when it is read: what was read is not trusted for longer. */
export const longestTrust = 3_600_000

interface Described {
  readonly naming: string
  readonly at: number
  readonly names: Map<string, string>
}

/** Of each checkout. */
const lastDescribed = new WeakMap<Git, Described>()

const isTrusted = (known: Described | undefined, naming: string, now: number): known is Described =>
  known?.naming === naming && Math.abs(now - known.at) < longestTrust

/**
 * `git describe` of some commits; what was told of one is still so while what names and hides commits is the same. After
 * an update the new commit is one that was described before it.
 * @param naming changes when tags, grafts or settings do; null: nothing is remembered
 * @param now unix milliseconds
 * @throws GitError
 */
export const describeKnown = async (
  git: Git,
  commits: readonly string[],
  { naming, now }: { readonly naming: string | null; readonly now: number },
  signal: AbortSignal,
): Promise<readonly string[]> => {
  if (naming === null) return describe(git, commits, signal)
  const last = lastDescribed.get(git)
  const known = isTrusted(last, naming, now) ? last : { naming, at: now, names: new Map<string, string>() }
  const unknown = [...new Set(commits)].filter((commit) => !known.names.has(commit))
  if (unknown.length > 0) {
    const texts = await describe(git, unknown, signal)
    unknown.forEach((commit, index) => known.names.set(commit, texts[index] ?? '?'))
  }
  lastDescribed.set(git, known)
  return commits.map((commit) => known.names.get(commit) ?? '?')
}
