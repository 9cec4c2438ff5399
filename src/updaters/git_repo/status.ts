import type { GitRepoStatus } from '../../contract/generated/types.js'
import { virtualenvWarning } from '../../python/virtualenv.js'
import type { GitRepoOptions } from './options.js'
import { comparableUrl } from './remote.js'
import type { GitRepoState } from './state.js'
import { plainVersion, shortVersion } from './version.js'

export interface StatusSetup {
  readonly name: string
  readonly options: GitRepoOptions
  readonly folder: string
  readonly debug: boolean
}

/** compat: lists in texts look like Python's. */
const pythonList = (items: readonly string[]): string => {
  const quoted = items.map((item) => {
    const quote = item.includes("'") && !item.includes('"') ? '"' : "'"
    const escaped = item.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
    return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote
  })
  return `[${quoted.join(', ')}]`
}

/** What could not be found out, for people. */
const failuresOf = ({ failure, remoteFailure }: GitRepoState): readonly string[] =>
  [failure, remoteFailure].filter((text) => text !== null)

const repositoryWarnings = (state: GitRepoState, { folder }: StatusSetup): string[] => {
  const warnings: string[] = []
  if (state.foreignOwner) {
    warnings.push(
      `${folder} belongs to another user, so git refuses to read it. Give it back with: sudo chown -R "$USER" ${folder}`,
    )
  }
  if (state.repository === 'absent' && !state.foreignOwner)
    warnings.push('No git repo detected at configured path')
  if (state.corrupt) warnings.push('Repo is corrupt')
  if (state.branch === '?') warnings.push('Failed to detect git branch')
  else if (state.remote === '?') warnings.push(`Failed to detect tracking remote for branch ${state.branch}`)
  if (state.remoteUrl === '?') warnings.push('Failed to detect repo url')
  warnings.push(...failuresOf(state))
  return warnings
}

/** What forbids an update, or keeps what runs from being started again. */
export const warningsOf = (state: GitRepoState, setup: StatusSetup): string[] => {
  const warnings = repositoryWarnings(state, setup)
  if (state.detached && !setup.debug) warnings.push('Detached HEAD detected')
  if (state.dirty) {
    warnings.push(`Repo is dirty.  Detected the following modified files: ${pythonList(state.modified)}`)
  }
  const { virtualenv } = setup.options
  if (virtualenv !== undefined && state.virtualenvProblem !== null)
    warnings.push(virtualenvWarning(virtualenv, state.virtualenvProblem))
  return warnings
}

/** What is not as the configuration says it should be. */
const originAnomalies = (state: GitRepoState, { options }: StatusSetup): string[] => {
  const anomalies: string[] = []
  const known = state.branch !== '?' && state.remote !== '?'
  if (known && (state.branch !== options.primary_branch || state.remote !== 'origin')) {
    const detected = `${state.remote}/${state.branch}`
    anomalies.push(
      `Repo not on official remote/branch, expected: origin/${options.primary_branch}, detected: ${detected}`,
    )
  }
  if (state.remoteUrl !== '?' && comparableUrl(state.remoteUrl) !== comparableUrl(options.origin)) {
    anomalies.push(`Unofficial remote url: ${state.remoteUrl}`)
  }
  return anomalies
}

/** What is unusual and forbids nothing. */
export const anomaliesOf = (state: GitRepoState, setup: StatusSetup): string[] => {
  const anomalies: string[] = []
  const pinned = setup.options.pinned_commit
  if (pinned !== undefined && !state.pinnedFound) anomalies.push(`Pinned Commit ${pinned} does not exist`)
  anomalies.push(...originAnomalies(state, setup))
  if (state.untracked.length > 0) {
    anomalies.push(`Repo has untracked source files: ${pythonList(state.untracked)}`)
  }
  if (state.diverged) anomalies.push('Repo has diverged from remote')
  if (state.detached && setup.debug) anomalies.push('Detached HEAD detected')
  return anomalies
}

/** True when the checkout can be updated as it is. */
export const isValid = (state: GitRepoState, debug: boolean): boolean => {
  const known = ![state.branch, state.remote, state.upstreamCommit, state.currentCommit].includes('?')
  const damaged =
    state.repository === 'absent' || state.repository === 'unknown' || state.corrupt || state.foreignOwner
  const unfit = state.diverged || state.dirty || (state.detached && !debug)
  return known && !damaged && !unfit && failuresOf(state).length === 0
}

/** The entry in version_info. */
export const statusOf = (state: GitRepoState, setup: StatusSetup): GitRepoStatus => ({
  channel: setup.options.channel,
  debug_enabled: setup.debug,
  channel_invalid: false,
  is_valid: isValid(state, setup.debug),
  configured_type: 'git_repo',
  info_tags: [...setup.options.info_tags],
  detected_type: 'git_repo',
  repo_detected: state.repository !== 'absent',
  remote_alias: state.remote,
  branch: state.branch,
  owner: state.owner,
  repo_name: state.repoName,
  remote_url: state.remoteUrl,
  recovery_url: state.recoveryUrl,
  version: shortVersion(state.currentVersion),
  remote_version: shortVersion(state.upstreamVersion),
  rollback_version: shortVersion(state.rollback.version),
  current_hash: state.currentCommit,
  remote_hash: state.upstreamCommit,
  is_dirty: state.dirty,
  detached: state.detached,
  commits_behind: state.commitsBehind,
  commits_behind_count: state.commitsBehindCount,
  git_messages: state.messages,
  full_version_string: state.currentVersion,
  pristine: state.untracked.length === 0 && !state.dirty,
  corrupt: state.corrupt,
  warnings: warningsOf(state, setup),
  anomalies: setup.options.report_anomalies ? anomaliesOf(state, setup) : [],
  name: setup.name,
  ...(state.pin === null || setup.options.pinned_commit !== state.pin.commit
    ? {}
    : { pinned_version: plainVersion(state.pin.version) }),
})
