import { pythonText } from '../../contract/python-text.js'
import { readDistribution, type DistributionDetails } from '../../python/distributions.js'
import { realFolder } from '../../python/kept-virtualenv.js'
import { pipVersion } from '../../python/pip.js'
import { commitOfVersion, isBuiltDirty, isPythonVersion } from '../../python/versions.js'
import { readVirtualenv, virtualenvWarning, type Virtualenv } from '../../python/virtualenv.js'
import { toolsOf, type PythonApplication } from './application.js'
import { unknownState, type PythonState } from './state.js'

/** What an install tells of itself. */
export type Install = Pick<
  PythonState,
  | 'valid'
  | 'source'
  | 'url'
  | 'owner'
  | 'project'
  | 'version'
  | 'commit'
  | 'dirty'
  | 'changelog'
  | 'problem'
  | 'warnings'
>

type Source = Pick<Install, 'source' | 'url' | 'owner' | 'project'> & {
  readonly commit: string | null
  readonly warning: string | null
}

type Fields = Readonly<Record<string, unknown>>

const text = (fields: Fields | null, key: string): string | null => {
  const value = fields?.[key]
  return typeof value === 'string' && value !== '' ? value : null
}

const fieldsIn = (fields: Fields | null, key: string): Fields => {
  const value = fields?.[key]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

/** An address that the project names: in its release_info, else in its metadata. */
const addressOf = ({ releaseInfo, metadata }: DistributionDetails, names: readonly string[]): string => {
  for (const [name, url] of Object.entries(fieldsIn(releaseInfo, 'urls')))
    if (names.includes(name.toLowerCase()) && typeof url === 'string') return url
  for (const line of metadata.get('project-url') ?? []) {
    const [, name = '', url = ''] = /^([^,]*),(.*)$/.exec(line) ?? []
    if (names.includes(name.trim().toLowerCase())) return url.trim()
  }
  return ''
}

const repositoryOf = (url: string): Pick<Install, 'owner' | 'project'> | null => {
  const [, owner, project] = /^https:\/\/(?:www\.)?github\.com\/(.+?)\/(.+?)(?:\.git|$)/i.exec(url) ?? []
  return owner === undefined || project === undefined ? null : { owner, project }
}

const nobody = { owner: '?', project: '?' }

/** Where it was installed from: as pip wrote down, when that was no index. compat: Moonraker's words. */
const sourceOf = (details: DistributionDetails): Source => {
  const { directUrl } = details
  if (directUrl === null) {
    const url = addressOf(details, ['repository', 'repo'])
    return { source: 'index', url, ...(repositoryOf(url) ?? nobody), commit: null, warning: null }
  }
  const unknown = { source: 'unknown', url: '', ...nobody, commit: null } as const
  const repository = fieldsIn(directUrl, 'vcs_info')
  if (repository['vcs'] !== 'git')
    return {
      ...unknown,
      warning: `Package installed from source other than pypi or git: ${pythonText(directUrl)}`,
    }
  const [commit, url] = [text(repository, 'commit_id'), text(directUrl, 'url')]
  if (commit === null || url === null)
    return { ...unknown, warning: 'Failed to retrieve direct_url vcs info' }
  const known = repositoryOf(url)
  if (known === null) return { ...unknown, url, commit, warning: `Invalid repo url: ${url}` }
  return { source: 'github', url, ...known, commit, warning: null }
}

/** The commit that it was made of. compat: the words for what is not known. */
const commitOf = ({ source, commit }: Source, { releaseInfo, version }: DistributionDetails): string => {
  const known = commit ?? text(releaseInfo, 'commit_sha')
  if (known !== null) return known
  return source === 'github' ? (commitOfVersion(version) ?? '?') : 'not-specified'
}

const versionWarning = (version: string): string | null => {
  if (version === '') return 'Failed to detect package version'
  return isPythonVersion(version) ? null : 'Failed to parse package version'
}

const describe = (details: DistributionDetails): Install => {
  const from = sourceOf(details)
  const { source, url, owner, project } = from
  const version =
    details.version === '' ? (text(details.releaseInfo, 'package_version') ?? '') : details.version
  const warnings = [from.warning, versionWarning(version)].filter((warning) => warning !== null)
  return {
    valid: warnings.length === 0,
    source,
    url,
    owner,
    project,
    version: version === '' ? '?' : version,
    commit: commitOf(from, { ...details, version }),
    dirty: isBuiltDirty(version, text(details.releaseInfo, 'git_version')),
    changelog: addressOf(details, ['changelog']),
    problem: null,
    warnings,
  }
}

const nothingKnown = (warnings: readonly string[], problem: string | null): Install => {
  const { source, url, owner, project, version, commit, dirty, changelog } = unknownState()
  return {
    ...{ source, url, owner, project, version, commit, dirty, changelog },
    valid: false,
    problem,
    warnings: [...warnings],
  }
}

/** What keeps pip from working in it. */
const virtualenvProblem = async (
  application: PythonApplication,
  virtualenv: Virtualenv,
): Promise<string | null> => {
  if (virtualenv.problem !== null) return virtualenvWarning(virtualenv.folder, virtualenv.problem)
  if ((await pipVersion(virtualenv, toolsOf(application))) !== null) return null
  return (
    `The virtualenv ${virtualenv.folder} has no pip, so nothing can be installed in it. ` +
    `Install it: ${virtualenv.python} -m ensurepip`
  )
}

/** Looks at what is installed. Python is not started where that can be avoided. */
export const readInstall = async (
  application: PythonApplication,
): Promise<{ readonly install: Install; readonly virtualenv: Virtualenv | null }> => {
  const tools = toolsOf(application)
  const folder = await realFolder(application.options.virtualenv, tools)
  const virtualenv = await readVirtualenv(folder, tools)
  if (virtualenv === null) {
    const problem = 'it is gone'
    return { install: nothingKnown([virtualenvWarning(folder, problem)], problem), virtualenv }
  }
  const { sitePackages, problem } = virtualenv
  const details =
    sitePackages === null ? null : await readDistribution(sitePackages, application.project, tools.files)
  const found = details === null ? nothingKnown(['Failed to parse package info'], null) : describe(details)
  const warning = await virtualenvProblem(application, virtualenv)
  if (warning === null) return { install: found, virtualenv }
  return {
    install: { ...found, valid: false, problem, warnings: [warning, ...found.warnings] },
    virtualenv,
  }
}

/** What a fresh look finds of the project in some virtualenv: to prove what was installed. */
export const installedProject = async (
  application: PythonApplication,
  sitePackages: string,
): Promise<Pick<Install, 'version' | 'commit' | 'source'> | null> => {
  const details = await readDistribution(sitePackages, application.project, application.outside.files)
  return details === null ? null : describe(details)
}
