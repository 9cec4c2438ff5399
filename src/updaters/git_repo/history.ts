import type { Commit } from '../../contract/generated/types.js'
import { harmless } from '../../contract/text.js'
import type { Git } from './git.js'

const shown = 30
const looked = 100
/** Texts from outside are cut: a status is sent to everyone, again and again. */
const longest = { subject: 300, message: 4000 }
/** The beginning of a text, never with half a character at its end. */
export const cut = (text: string, length: number): string =>
  text.slice(0, length).replace(/[\ud800-\udbff]$/, '')

const fields = ['%H', '%an', '%ct', '%s', '%b']
const format = fields.map((field) => `${field}%x00`).join('')

const parseCommit = (parts: readonly string[], tags: ReadonlyMap<string, string>): Commit => {
  const [sha = '', author = '', date = '', subject = '', message = ''] = parts.map((part) =>
    harmless(part.trim()),
  )
  return {
    sha,
    author: cut(author, longest.subject),
    date,
    subject: cut(subject, longest.subject),
    message: cut(message, longest.message),
    tag: tags.has(sha) ? harmless(tags.get(sha) ?? '') : null,
  }
}

/** NUL ends every field: no commit can hold one. */
const parseLog = (text: string, tags: ReadonlyMap<string, string>): readonly Commit[] => {
  const parts = text.split('\0')
  const commits: Commit[] = []
  for (let i = 0; i + fields.length < parts.length; i += fields.length) {
    commits.push(parseCommit(parts.slice(i, i + fields.length), tags))
  }
  return commits
}

/** The newest 30 commits of a range, and the tagged ones among the newest 100. */
export const readCommits = async (
  git: Git,
  range: string,
  tags: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<Commit[]> => {
  const text = await git.read(['log', `--max-count=${looked}`, `--format=${format}`, range, '--'], { signal })
  return parseLog(text, tags).filter((commit, index) => index < shown || commit.tag !== null)
}

/**
 * Tags between HEAD and the tip, newest first: commit -> tag.
 * compat: newest by creation date (the higher version where dates are equal), at most 100, and only those that
 * contain HEAD.
 */
export const readTags = async (
  git: Git,
  tip: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> => {
  const format =
    '%(if)%(*objectname)%(then)%(*objecttype) %(*objectname)%(else)%(objecttype) %(objectname)%(end) %(refname)'
  const args = [
    'for-each-ref',
    `--count=${looked}`,
    '--sort=-version:refname',
    '--sort=-creatordate',
    '--contains=HEAD',
    `--merged=${tip}`,
  ]
  const text = await git.read([...args, `--format=${format}`, 'refs/tags'], { signal })
  const tags = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [type, commit, ref] = line.split(' ')
    if (type === 'commit' && commit !== undefined && ref !== undefined)
      tags.set(commit, ref.split('/').at(-1) ?? ref)
  }
  return tags
}

/** How far two commits are apart. */
export const countApart = async (
  git: Git,
  left: string,
  right: string,
  signal: AbortSignal,
): Promise<{ readonly ahead: number; readonly behind: number }> => {
  const text = await git.read(['rev-list', '--left-right', '--count', `${left}...${right}`, '--'], { signal })
  const [ahead, behind] = text.split('\t').map(Number)
  return { ahead: ahead ?? 0, behind: behind ?? 0 }
}

export const isAncestor = async (
  git: Git,
  ancestor: string,
  descendant: string,
  signal: AbortSignal,
): Promise<boolean> => {
  const args = ['merge-base', '--is-ancestor', ancestor, descendant]
  const result = await git.attempt(args, { signal, readsOnly: true })
  return result.code === 0
}

/** The commit that a name means, null when it means none. The name must be checked before. */
export const resolveCommit = async (git: Git, name: string, signal?: AbortSignal): Promise<string | null> => {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]
  const result = await git.attempt(args, { signal, readsOnly: true })
  return result.code === 0 ? result.stdout.toString('utf8').trim() : null
}

/** `git describe` of some commits, in one call. */
export const describe = async (
  git: Git,
  commits: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const text = await git.read(['describe', '--always', '--tags', '--long', '--abbrev=8', ...commits], {
    signal,
  })
  return text.split('\n')
}

export const countCommits = async (git: Git, commit: string, signal: AbortSignal): Promise<number> =>
  Number(await git.read(['rev-list', '--count', commit, '--'], { signal }))
