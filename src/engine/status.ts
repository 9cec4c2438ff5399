import type { UpdateStatus } from '../contract/generated/types.js'
import type { Application } from './application.js'

/** What is told of all applications. */
export const readStatus = (applications: readonly Application[], busy: boolean): UpdateStatus => {
  const entries = applications.map((application) => [application.name, application.status()] as const)
  return {
    github_rate_limit: null,
    github_requests_remaining: null,
    github_limit_reset_time: null,
    // compat: an application of which nothing is known is left out: an empty object breaks front ends.
    version_info: Object.fromEntries(
      entries.filter(([, status]) => status !== null),
    ) as UpdateStatus['version_info'],
    busy,
  }
}
