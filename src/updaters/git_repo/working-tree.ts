import { limits, type Git } from './git.js'

/** What `git status` tells of a checkout. */
export interface WorkingTree {
  /** null: detached. */
  readonly branch: string | null
  /** null: a branch without a commit. */
  readonly commit: string | null
  /** Tracked files with edits, staged or not, sorted. */
  readonly changed: readonly string[]
  readonly untracked: readonly string[]
}

/** The path in one entry of porcelain v2; null for what is no entry. A rename's old path follows as its own part. */
const entryPath = (part: string): string | null => {
  const fields = { '1': 8, '2': 9, u: 10 }[part[0] ?? ''] ?? 0
  return fields === 0 ? null : part.split(' ').slice(fields).join(' ')
}

const header = (parts: readonly string[], name: string): string | null => {
  const prefix = `# branch.${name} `
  return parts.find((part) => part.startsWith(prefix))?.slice(prefix.length) ?? null
}

const parse = (parts: readonly string[]): WorkingTree => {
  const changed: string[] = []
  const untracked: string[] = []
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i] ?? ''
    const path = entryPath(part)
    if (part.startsWith('? ')) untracked.push(part.slice(2))
    if (path !== null) changed.push(path)
    if (part.startsWith('2 ')) {
      i += 1
      changed.push(parts[i] ?? '')
    }
  }
  const head = header(parts, 'head')
  const oid = header(parts, 'oid')
  return {
    branch: head === '(detached)' ? null : head,
    commit: oid === '(initial)' ? null : oid,
    changed: [...new Set(changed)].sort(),
    untracked,
  }
}

/** Looks at the checkout without taking locks. @throws GitError */
export const readWorkingTree = async (git: Git, signal?: AbortSignal): Promise<WorkingTree> => {
  const args = [
    'status',
    '--porcelain=v2',
    '--branch',
    '-z',
    '--untracked-files=normal',
    '--ignore-submodules=all',
  ]
  return parse(await git.readList(args, { timeout: limits.read, signal }))
}
