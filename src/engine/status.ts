import type { UpdateStatus } from '../contract/generated/types.js'
import type { RateFigures } from '../releases/rate-limit.js'
import type { Application } from './application.js'

/** What is told of all applications. */
export const readStatus = (
  applications: readonly Application[],
  busy: boolean,
  limits: RateFigures,
): UpdateStatus => {
  const entries = applications.map((application) => [application.name, application.status()] as const)
  return {
    ...limits,
    // compat: an application of which nothing is known is left out: an empty object breaks front ends.
    version_info: Object.fromEntries(
      entries.filter(([, status]) => status !== null),
    ) as UpdateStatus['version_info'],
    busy,
  }
}
