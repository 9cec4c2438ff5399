import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Files } from '../system/files.js'

/** Where a package was built from, as pip writes it down for a repository (PEP 610). */
export interface GitOrigin {
  readonly url: string
  readonly commit: string
  /** The branch or tag that was asked for; null when it was the commit itself. */
  readonly asked: string | null
}

const textOf = ({ url, commit, asked }: GitOrigin): string => {
  const revision = asked === null ? {} : { requested_revision: asked }
  return JSON.stringify({ url, vcs_info: { vcs: 'git', commit_id: commit, ...revision } })
}

const recordLine = (name: string, text: string): string => {
  const digest = createHash('sha256').update(text).digest('base64url').replace(/=+$/, '')
  return `${name},sha256=${digest},${Buffer.byteLength(text)}`
}

/**
 * What was installed from a file that was built of a repository says so, as if it had come from there at once. It is in
 * the package's record too: what removes the package removes it.
 * @param folder the package's dist-info
 */
export const writeGitOrigin = async (folder: string, origin: GitOrigin, files: Files): Promise<void> => {
  const text = textOf(origin)
  const name = `${path.basename(folder)}/direct_url.json`
  const record = path.join(folder, 'RECORD')
  const others = ((await files.readText(record)) ?? '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(`${name},`))
  await files.writeText(path.join(folder, 'direct_url.json'), text)
  await files.writeText(record, `${[...others, recordLine(name, text)].join('\n')}\n`)
}
