import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import { normalName } from '../../python/distributions.js'
import { canReport, isOlderPip, pipVersion, runPip } from '../../python/pip.js'
import { resolvePackages, type Resolved } from '../../python/report.js'
import {
  isNewerPythonVersion,
  isPythonVersion,
  isSamePythonVersion,
  versionAfter,
} from '../../python/versions.js'
import type { Virtualenv } from '../../python/virtualenv.js'
import { labelOf, pipOf, toolsOf, type PythonApplication } from './application.js'
import type { PythonState, Remote } from './state.js'

/** From this one on pip lists the versions that an index has. */
const firstWithIndex = '21.2'

const preOf = ({ options }: PythonApplication): readonly string[] =>
  options.channel === 'beta' ? ['--pre'] : []

const isProject =
  ({ project }: PythonApplication) =>
  ({ name }: Pick<Resolved, 'name'>): boolean =>
    normalName(name) === normalName(project)

/**
 * The versions that the index has for this machine, newest first; null when pip is too old to tell. Some of them may
 * have been taken back.
 * @throws command_failed when the index cannot be asked, or does not know the project
 */
export const listIndex = async (
  application: PythonApplication,
  virtualenv: Virtualenv,
  pre: boolean,
  signal: AbortSignal,
): Promise<readonly string[] | null> => {
  const pip = await pipVersion(virtualenv, toolsOf(application))
  if (pip === null || isOlderPip(pip, firstWithIndex)) return null
  const args = ['index', 'versions', ...(pre ? ['--pre'] : []), '--', application.project]
  const what = `${labelOf(application)}: asking the index`
  const { stdout } = await runPip(what, { ...pipOf(application, virtualenv, signal), args, timeout: 300_000 })
  const listed = /^Available versions: (.*)$/m.exec(stdout.toString('utf8'))?.[1] ?? ''
  return listed.split(', ').filter(isPythonVersion)
}

/** What pip would choose if nothing was installed: with something there it says nothing of an index it cannot reach. */
const chosenByPip = async (
  application: PythonApplication,
  virtualenv: Virtualenv,
  signal: AbortSignal,
): Promise<string | null> => {
  const args = ['--ignore-installed', '--no-deps', ...preOf(application), '--', application.project]
  const what = `${labelOf(application)}: asking the index`
  const resolved = await resolvePackages(what, { ...pipOf(application, virtualenv, signal), args })
  return resolved.find(isProject(application))?.version ?? null
}

/** A pip that cannot report downloads it, and the file tells the version. */
const chosenByDownload = async (
  application: PythonApplication,
  virtualenv: Virtualenv,
  signal: AbortSignal,
): Promise<string | null> => {
  const { files } = application.outside
  const folder = path.join(application.store, 'looked')
  const args = ['download', '--no-deps', '-d', folder, ...preOf(application), '--', application.project]
  try {
    const what = `${labelOf(application)}: asking the index`
    await runPip(what, { ...pipOf(application, virtualenv, signal), args })
    const [found] = await files.list(folder)
    return /^[^-]+(?:-[^-]+)*?-(\d[^-]*?)(?:-.*\.whl|\.tar\.gz|\.zip)$/.exec(found?.name ?? '')?.[1] ?? null
  } finally {
    await files.remove(folder)
  }
}

/** As it is installed: an upgrade would bring nothing. */
const asInstalled = ({ version, commit, source }: PythonState): Remote => ({
  version,
  id: source === 'github' ? commit : version,
  hash: commit,
  published: null,
})

const askIndex = async (
  application: PythonApplication,
  state: PythonState,
  virtualenv: Virtualenv,
  signal: AbortSignal,
): Promise<Remote> => {
  const pip = await pipVersion(virtualenv, toolsOf(application))
  const choose = canReport(pip) ? chosenByPip : chosenByDownload
  const newest = await choose(application, virtualenv, signal)
  if (newest === null || !isNewerPythonVersion(newest, state.version)) return asInstalled(state)
  // compat: an index tells no commit.
  return { version: newest, id: newest, hash: 'update-available', published: null }
}

/** The commit that a branch, or the repository's own, is at now. @throws remote_failed */
export const askBranch = async (
  { options, outside, name }: PythonApplication,
  url: string,
  signal: AbortSignal,
): Promise<string> => {
  const branch = options.primary_branch
  const ref = branch === undefined ? 'HEAD' : `refs/heads/${branch}`
  const argv = ['git', 'ls-remote', '--', url, ref] as const
  const env = { GIT_TERMINAL_PROMPT: '0', GIT_HTTP_LOW_SPEED_LIMIT: '100', GIT_HTTP_LOW_SPEED_TIME: '30' }
  const result = await outside.commands.run(argv, { timeout: 120_000, maxOutput: 1024 * 1024, env, signal })
  signal.throwIfAborted()
  const commit = /^([0-9a-f]{40,64})\t/.exec(result.stdout.toString('utf8'))?.[1]
  if (commit !== undefined) return commit
  const said = result.stderr.trim().split('\n').at(-1) ?? ''
  const why = result.code === 0 ? `it has no branch ${branch ?? ''}` : said
  throw new MoonkeeperError('remote_failed', `Python Package ${name}: ${url} could not be asked: ${why}`)
}

const askGitHub = async (
  application: PythonApplication,
  state: PythonState,
  signal: AbortSignal,
): Promise<Remote> => {
  const { channel } = application.options
  if (channel === 'dev') {
    const commit = await askBranch(application, state.url, signal)
    if (commit === state.commit) return asInstalled(state)
    return { version: versionAfter(state.version, commit), id: commit, hash: commit, published: null }
  }
  const release = await application.outside.forge.latest(state.owner, state.project, channel, signal)
  if (release === null || !isPythonVersion(release.tag)) return asInstalled(state)
  const isNew = isNewerPythonVersion(release.tag, state.version)
  // A tag that is what is installed is shown as the install calls it.
  if (!isNew) return asInstalled(state)
  return { version: release.tag, id: release.tag, hash: 'update-available', published: release.published }
}

/** What an upgrade would bring. @throws remote_failed, rate_limited, command_failed */
export const askRemote = (
  application: PythonApplication,
  state: PythonState,
  virtualenv: Virtualenv,
  signal: AbortSignal,
): Promise<Remote> =>
  state.source === 'github'
    ? askGitHub(application, state, signal)
    : askIndex(application, state, virtualenv, signal)

/** The one of these that is a version, however it is written. */
export const sameVersionIn = (versions: readonly string[], wanted: string): string | undefined =>
  versions.find((version) => isSamePythonVersion(version, wanted))
