import type { ReleaseStatus } from '../../contract/generated/types.js'
import type { Place } from './place.js'
import { isInstalled, type ReleaseState } from './state.js'

/** The version that an upgrade would bring; where it is installed, as the install calls it. */
export const offeredVersion = (state: ReleaseState): string => {
  const offered = state.pin ?? state.remote
  if (offered === null) return '?'
  return isInstalled(state, offered) ? state.version : offered.version
}

/** The entry in version_info. */
export const statusOf = (state: ReleaseState, { name, type, options, outside }: Place): ReleaseStatus => ({
  channel: options.channel,
  debug_enabled: outside.debug,
  channel_invalid: outside.channelInvalid === true,
  is_valid: state.valid,
  configured_type: type,
  info_tags: [...options.info_tags],
  name,
  repo_name: state.project,
  owner: state.owner,
  version: state.version,
  remote_version: offeredVersion(state),
  rollback_version: state.rollback?.version ?? state.version,
  last_error: state.lastError,
  warnings: [...state.warnings],
  anomalies: options.report_anomalies ? [...state.anomalies] : [],
  ...(state.pin === null ? {} : { pinned_version: state.pin.version }),
})
