import { largestFile, type SourceTree, type TreeFile } from '../../dependencies/source-tree.js'
import { GitError, limits, withoutIndex, type Git } from './git.js'

/** What `cat-file --batch` says first of an object, and where its content begins. */
const headOf = (output: Buffer): { readonly head: string; readonly start: number } => {
  const end = output.indexOf(0x0a)
  return { head: output.subarray(0, Math.max(end, 0)).toString('utf8'), start: end + 1 }
}

/** git's own answer for a name. Links within the tree were followed; others are told in a line of their own. */
const fileOf = (output: Buffer): TreeFile => {
  const { head, start } = headOf(output)
  const [, type, digits] = /^[0-9a-f]{40,64} (\w+) (\d+)$/.exec(head) ?? []
  if (type === 'blob') return { text: output.subarray(start, start + Number(digits)).toString('utf8') }
  return { problem: /^(?:symlink|loop|dangling) /.test(head) ? 'outside' : 'absent' }
}

/** The files of a commit, without a checkout. @throws GitError when they cannot be read */
export const commitTree = (git: Git, commit: string, signal?: AbortSignal): SourceTree => ({
  async read(file) {
    // A line feed would be a second question.
    if (file.includes('\n')) return { problem: 'absent' }
    const result = await git.attempt(['cat-file', '--batch', '--follow-symlinks'], {
      input: `${commit}:${file}\n`,
      env: withoutIndex,
      timeout: limits.read,
      maxOutput: largestFile,
      signal,
    })
    if (result.ended === 'too_much_output') return { problem: 'too_large' }
    if (result.code !== 0) throw new GitError('cat-file', result)
    return fileOf(result.stdout)
  },
})
