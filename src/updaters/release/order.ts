import { compareVersions, parseVersion } from '../git_repo/version.js'

/** True when it is surely older; names that are no versions have no order. */
export const isOlder = (one: string, other: string): boolean => {
  const [first, second] = [parseVersion(one), parseVersion(other)]
  return first.valid && second.valid && compareVersions(first, second) < 0
}
