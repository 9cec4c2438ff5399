import type { SystemStatus } from '../../contract/generated/types.js'
import { countOf, versionOf, type SystemState } from './state.js'

const unfinishedWarning = ({ unfinished }: SystemState): string[] =>
  unfinished.length === 0
    ? []
    : [
        `Half installed: ${unfinished.join(', ')}. That is mended at the next start, or now: moonkeeper recover system --hard`,
      ]

/** compat: front ends show package_count and package_list. */
export const statusOf = (name: string, state: SystemState): SystemStatus => {
  const { provider, available, unfinished, lastError, warnings } = state
  const known = lastError === '' || countOf(available) > 0
  return {
    name,
    configured_type: 'system',
    package_count: countOf(available),
    package_list: available.upgrade.map((change) => change.name),
    provider,
    version: known ? versionOf(countOf(available)) : '?',
    remote_version: known ? versionOf(0) : '?',
    held_back: [...available.kept],
    is_valid: provider !== 'none' && unfinished.length === 0,
    last_error: lastError,
    warnings: [...unfinishedWarning(state), ...(lastError === '' ? [] : [lastError]), ...warnings],
  }
}
