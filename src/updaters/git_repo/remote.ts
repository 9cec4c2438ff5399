import { createHash } from 'node:crypto'
import type { Clock } from '../../system/clock.js'
import { harmless } from '../../contract/text.js'
import { GitError, isSafeName, limits, type Git } from './git.js'

/** What the configuration of a repository says of its remotes. */
export interface Remotes {
  /** The remote that a branch tracks, "?" when there is none. */
  trackedBy(branch: string): string
  /** The URL of a remote, "?" when there is none. */
  url(remote: string): string
  readonly names: readonly string[]
  /** Changes when any setting of git's does. */
  readonly settings: string
}

type Pairs = readonly (readonly [key: string, value: string])[]

const rewritten = (url: string, pairs: Pairs): string => {
  const rules = pairs
    .filter(([key, value]) => key.startsWith('url.') && key.endsWith('.insteadof') && url.startsWith(value))
    .sort(([, a], [, b]) => b.length - a.length)
  const [rule] = rules
  return rule ? rule[0].slice(4, -'.insteadof'.length) + url.slice(rule[1].length) : url
}

/** Reads the remotes in one call; url.X.insteadOf is applied as git does. @throws GitError */
export const readRemotes = async (git: Git, signal?: AbortSignal): Promise<Remotes> => {
  const options = { timeout: limits.read, signal, readsOnly: true } as const
  const result = await git.attempt(['config', '-z', '--list'], options)
  if (result.code !== 0) throw new GitError('config', result)
  const pairs: Pairs = result.stdout
    .toString('utf8')
    .split('\0')
    .filter((part) => part.includes('\n'))
    .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)])
  const last = (key: string): string | undefined => pairs.findLast(([name]) => name === key)?.[1]
  return {
    trackedBy: (branch) => {
      const remote = last(`branch.${branch}.remote`) ?? '?'
      return isSafeName(remote) ? remote : '?'
    },
    url: (remote) => {
      const url = pairs.find(([name]) => name === `remote.${remote}.url`)?.[1]
      return url === undefined ? '?' : rewritten(url, pairs)
    },
    settings: createHash('sha256').update(result.stdout).digest('hex'),
    names: pairs.filter(([name]) => /^remote\..+\.url$/.test(name)).map(([name]) => name.slice(7, -4)),
  }
}

/** What was ended for its silence would be silent again, and hold up everything else. */
const isWorthAnotherTry = (thrown: unknown): boolean => thrown instanceof GitError && thrown.ended === null

/** The same command a few times: networks and locks fail for a moment. compat: 5 tries, half a second apart. */
export const persistently = async <T>(
  command: () => Promise<T>,
  clock: Clock,
  signal: AbortSignal,
  attempts = 5,
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await command()
    } catch (thrown) {
      if (attempt >= attempts || signal.aborted || !isWorthAnotherTry(thrown)) throw thrown
      await clock.wait(500, signal)
    }
  }
}

/**
 * Fetches a remote, telling git's lines.
 * @returns false when git had nothing to say: then no ref was changed
 * @throws GitError
 */
export const fetchRemote = async (
  git: Git,
  remote: string,
  clock: Clock,
  signal: AbortSignal,
  progress: (line: string) => void,
): Promise<boolean> => {
  const args = ['fetch', '--prune', '--progress', '--upload-pack=git-upload-pack', '--', remote]
  const options = {
    // compat: Moonraker's words for the same command.
    title: `fetch ${remote} --prune --progress`,
    remote: true as const,
    timeout: limits.transfer,
    stall: limits.stall,
    signal,
    onErrorLine: tell(progress),
  }
  return persistently(
    async () => {
      const { stdout, stderr } = await git.run(args, options)
      return stderr.trim() !== '' || stdout.length > 0
    },
    clock,
    signal,
  )
}

/** Passes lines on trimmed and harmless, without the empty ones. */
export const tell =
  (progress: (line: string) => void) =>
  (line: string): void => {
    const text = harmless(line.trim())
    if (text !== '') progress(text)
  }

/** Owner and name of a repository, from its URL; "?" when it does not tell. */
export const ownerAndName = (url: string): { readonly owner: string; readonly name: string } => ({
  owner: /^https?:\/\/[^/]+\/([^/]+)/.exec(url)?.[1] ?? '?',
  name: /.*\/([^.]*)/.exec(url)?.[1] ?? '?',
})

/** URLs are compared in lower case and with their `.git`. */
export const comparableUrl = (url: string): string => {
  const lower = url.trim().toLowerCase()
  return lower.endsWith('.git') ? lower : `${lower}.git`
}
