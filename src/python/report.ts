import { MoonkeeperError } from '../contract/error.js'
import type { PackageChange } from '../contract/generated/types.js'
import { listDistributions, normalName } from './distributions.js'
import { runPip, type PipCall } from './pip.js'

/** One package that pip would install. */
export interface Resolved {
  readonly name: string
  readonly version: string
  /** Where it comes from; a repository's address begins with git+. */
  readonly url: string
  /** Of the file, hexadecimal; null when the index told none, or when it comes from a repository. */
  readonly sha256: string | null
  /** The commit, when it comes from a repository. */
  readonly commit: string | null
  /** True when it was asked for; false for what others depend on. */
  readonly requested: boolean
  /** True when its author took it back (PEP 592). */
  readonly yanked: boolean
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** PEP 610 has a hash twice; older pips know one of them. */
const sha256Of = (archive: Fields): string | null =>
  textOf(fieldsOf(archive['hashes'])['sha256']) ??
  /^sha256=([0-9a-f]{64})$/.exec(textOf(archive['hash']) ?? '')?.[1] ??
  null

const resolvedOf = (item: unknown): Resolved | null => {
  const fields = fieldsOf(item)
  const metadata = fieldsOf(fields['metadata'])
  const [name, version] = [textOf(metadata['name']), textOf(metadata['version'])]
  const download = fieldsOf(fields['download_info'])
  const url = textOf(download['url'])
  if (name === null || version === null || url === null) return null
  const repository = fieldsOf(download['vcs_info'])
  const commit = textOf(repository['commit_id'])
  return {
    name,
    version,
    url: commit === null ? url : `git+${url}`,
    sha256: sha256Of(fieldsOf(download['archive_info'])),
    commit,
    requested: fields['requested'] === true,
    yanked: fields['is_yanked'] === true,
  }
}

/** pip's own format, whose first version is stable since pip 23.0 (https://pip.pypa.io/en/stable/reference/installation-report/). */
export const parseReport = (text: string): readonly Resolved[] => {
  const report = parse(text)
  const items = report['install']
  const resolved = Array.isArray(items) ? items.map(resolvedOf) : [null]
  if (!/^[01]/.test(textOf(report['version']) ?? '') || resolved.includes(null))
    throw new MoonkeeperError(
      'command_failed',
      'pip told in a way that is not understood what it would install',
    )
  return resolved.filter((one) => one !== null)
}

const parse = (text: string): Fields => {
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    return {}
  }
}

/**
 * What pip would install for these arguments. The virtualenv is not changed.
 * @param call its args are those of `pip install`; pip must be one that can report
 * @throws command_failed
 */
export const resolvePackages = async (what: string, call: PipCall): Promise<readonly Resolved[]> => {
  const { files } = call.tools
  const file = `${call.temporary}.json`
  const args = ['install', '--dry-run', '--report', file, ...call.args]
  try {
    await runPip(what, { ...call, args })
    return parseReport((await files.readText(file)) ?? '')
  } finally {
    await files.remove(file)
  }
}

const originOf = ({ url, commit }: Resolved): string => (commit === null ? url : `${url}@${commit}`)

/** The same as changes of what is installed, by name. */
export const changesOf = async (
  resolved: readonly Resolved[],
  { virtualenv: { sitePackages }, tools }: Pick<PipCall, 'virtualenv' | 'tools'>,
): Promise<readonly PackageChange[]> => {
  const installed = sitePackages === null ? [] : await listDistributions(sitePackages, tools.files)
  const versions = new Map(installed.map(({ name, version }) => [normalName(name), version]))
  return resolved
    .map((one) => ({
      name: one.name,
      from: versions.get(normalName(one.name)) ?? null,
      to: one.version,
      origin: originOf(one),
    }))
    .sort((a, b) => (normalName(a.name) < normalName(b.name) ? -1 : 1))
}
