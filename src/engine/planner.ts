import { createHash } from 'node:crypto'
import { MoonkeeperError } from '../contract/error.js'
import type { ApplicationPlan, PackageChange } from '../contract/generated/types.js'

const changesOf = (packages: readonly PackageChange[]): readonly unknown[] =>
  packages.map(({ name, from, to }) => [name, from, to]).sort()

/** What a hash stands for: what would be different afterwards. No sizes, times or texts. */
const essence = ({ name, goal, from, to, packages, services, edits }: ApplicationPlan): unknown => [
  name,
  goal,
  from.id,
  to.id,
  changesOf(packages.install),
  changesOf(packages.upgrade),
  changesOf(packages.remove),
  [...services].sort(),
  [...edits].sort(),
]

/** Names a plan. What would not be done is no part of it. */
export const hashOf = (plans: readonly ApplicationPlan[]): string => {
  const needed = plans.filter((plan) => plan.needed).sort((a, b) => (a.name < b.name ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify(needed.map(essence)))
    .digest('hex')
}

const reasonsOf = (plan: ApplicationPlan, atomic: boolean): readonly string[] => {
  const reasons: string[] = []
  const { name, from, to, packages } = plan
  if (packages.remove.length > 0) {
    const names = packages.remove.map((change) => change.name).join(', ')
    reasons.push(`${name}: packages would be removed: ${names}`)
  }
  if (plan.downgrade) reasons.push(`${name}: ${to.version} is older than ${from.version}`)
  if (atomic && !plan.reversible) reasons.push(`${name}: it cannot be taken back, so it would come last`)
  return reasons
}

/** Why a plan is refused unless its hash is named. */
export const reasonsForHash = (plans: readonly ApplicationPlan[], atomic: boolean): string[] =>
  plans.filter((plan) => plan.needed).flatMap((plan) => reasonsOf(plan, atomic))

const refuseManyIrreversible = (plans: readonly ApplicationPlan[], atomic: boolean): void => {
  const names = plans.filter((plan) => plan.needed && !plan.reversible).map((plan) => plan.name)
  if (!atomic || names.length < 2) return
  throw new MoonkeeperError(
    'not_reversible',
    `${names.join(' and ')} could not be taken back: they are no part of one set. Update them one after the other`,
  )
}

const differs = (plans: readonly ApplicationPlan[]): string =>
  plans.length === 0
    ? 'There is nothing to do any more: that is not what was shown. Look at the plan again'
    : `${plans.map(({ name }) => name).join(', ')}: what would be done is not what was shown any more. Nothing of it was ` +
      'changed: look at the plan again'

/**
 * What would be done is what was agreed to.
 * @param shown the hash of what was shown; null when nothing was
 * @throws plan_changed, needs_plan_hash, not_reversible
 */
export const refuseWhatWasNotAgreed = (
  plans: readonly ApplicationPlan[],
  shown: string | null,
  atomic: boolean,
): void => {
  refuseManyIrreversible(plans, atomic)
  if (shown !== null) {
    if (hashOf(plans) === shown) return
    throw new MoonkeeperError('plan_changed', differs(plans))
  }
  const reasons = reasonsForHash(plans, atomic)
  if (reasons.length === 0) return
  throw new MoonkeeperError(
    'needs_plan_hash',
    `${reasons.join('; ')}. Nothing of it was changed: look at the plan, and name its hash to do it`,
  )
}
