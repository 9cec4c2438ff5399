import type { ApplicationPlan } from '../contract/generated/types.js'
import type { Application } from './application.js'
import type { HealthGate } from './health.js'
import { healthSubject } from './health-subject.js'
import type { Progress } from '../updaters/contract.js'

interface Surveyed {
  readonly application: Application
  readonly plan: ApplicationPlan
}

/**
 * Looks what lives before anything is changed.
 * @returns what asks after the last step whether it still does; it throws health_failed
 */
export const proofOf = async (
  surveyed: readonly Surveyed[],
  { health }: { readonly health: HealthGate },
  context: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<() => Promise<void>> => {
  const subjects = surveyed.map(({ application, plan }) =>
    healthSubject(application.name, plan.services, [], application.settings.policy),
  )
  const before = await Promise.all(
    subjects.map(async (subject) => [subject, await health.observe(subject, context.signal)] as const),
  )
  return async () => {
    await Promise.all(before.map(([subject, seen]) => health.prove(subject, seen, context)))
  }
}
