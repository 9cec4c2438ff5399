import type { PythonStatus } from '../../contract/generated/types.js'
import { shortPythonVersion } from '../../python/versions.js'
import type { PythonApplication } from './application.js'
import type { PythonState } from './state.js'

const pinned = ({ pin }: PythonState): Partial<PythonStatus> =>
  pin === null ? {} : { pinned_version: pin.version }

const anomaliesOf = ({ failure }: PythonState): string[] =>
  failure === '' ? [] : [`What is new is not known, it is as it was seen last: ${failure}`]

const remoteOf = ({ pin, remote }: PythonState): { readonly version: string; readonly hash: string } =>
  pin === null ? remote : { version: pin.version, hash: pin.ref ?? 'update-available' }

/** The entry in version_info. */
export const statusOf = (
  state: PythonState,
  { name, options, outside }: PythonApplication,
): PythonStatus => ({
  channel: options.channel,
  debug_enabled: outside.debug,
  channel_invalid: outside.channelInvalid === true,
  is_valid: state.valid,
  configured_type: 'python',
  info_tags: [...options.info_tags],
  detected_type: 'python_package',
  name,
  branch: options.primary_branch ?? null,
  owner: state.owner,
  repo_name: state.project,
  version: shortPythonVersion(state.version),
  remote_version: shortPythonVersion(remoteOf(state).version),
  rollback_version: shortPythonVersion(state.rollback?.version ?? '?'),
  current_hash: state.commit,
  remote_hash: remoteOf(state).hash,
  is_dirty: state.dirty,
  changelog_url: state.changelog,
  full_version_string: state.version,
  pristine: !state.dirty,
  warnings: [...state.warnings],
  anomalies: options.report_anomalies ? anomaliesOf(state) : [],
  ...pinned(state),
})
