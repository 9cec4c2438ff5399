import { MoonkeeperError } from '../../contract/error.js'
import type { Goal, Json, Plan, Step, StepContext } from '../contract.js'
import { guardServicesStep, restartServicesStep } from '../service-steps.js'
import { servedBy, type Checkout, type Route } from './checkout.js'
import { hardRecovery } from './hard-recovery.js'
import type { GitRepoState } from './state.js'
import { keepEditsStep, putEditsBackStep, setEditsAsideStep } from './steps/edits.js'
import { guardSubmodulesStep, submodulesStep } from './steps/submodules.js'
import { rebuildIndexStep, tidyStep, trackStep } from './steps/tidy.js'
import { dropKeptStep, keepVersionStep } from './steps/kept.js'
import { clearForMerge, keepIndex, mergeStep, settleStep, switchStep } from './steps/switch.js'
import type { Target } from './target.js'

const routeOf = (target: Target): Route => ({
  from: { commit: target.from, branch: target.fromBranch },
  to: { commit: target.to, branch: target.toBranch },
  toBranchWas: target.toBranchWas,
})

/** What Moonraker calls the command that brings the new version; errors name it. */
const pullTitle = (checkout: Checkout, state: GitRepoState, target: Target): string => {
  const { channel, pinned_commit: pinned } = checkout.options
  return channel === 'dev' && pinned === undefined
    ? 'pull --progress'
    : `pull --progress ${state.remote} ${target.to}`
}

const upgradeSteps = (checkout: Checkout, state: GitRepoState, target: Target): readonly Step[] => {
  const route = routeOf(target)
  const detached = route.from.branch === null
  const beside = (context: StepContext): Promise<void> =>
    detached ? keepIndex(checkout, context) : clearForMerge(checkout, context, route)
  return [
    guardServicesStep(servedBy(checkout)),
    guardSubmodulesStep(checkout),
    keepVersionStep(checkout, state, target.from, beside),
    detached ? switchStep(checkout, route) : mergeStep(checkout, route, pullTitle(checkout, state, target)),
    submodulesStep(checkout),
    settleStep(checkout),
    ...dependencySteps(checkout, target),
    restartServicesStep(servedBy(checkout)),
  ]
}

/** To a version that may be older: edits are carried over. */
const rollbackSteps = (checkout: Checkout, state: GitRepoState, target: Target): readonly Step[] => {
  const route = routeOf(target)
  return [
    guardServicesStep(servedBy(checkout)),
    guardSubmodulesStep(checkout),
    keepVersionStep(checkout, state, target.from),
    keepEditsStep(checkout, route, target.stamp),
    setEditsAsideStep(checkout),
    switchStep(checkout, route),
    putEditsBackStep(checkout, target.stamp),
    submodulesStep(checkout),
    settleStep(checkout),
    ...dependencySteps(checkout, target),
    restartServicesStep(servedBy(checkout)),
  ]
}

/** A soft recovery ends with a clean tree: the edits stay in their patch (docs/decisions/0004). */
const softRecoverySteps = (checkout: Checkout, target: Target): readonly Step[] => {
  const route = routeOf(target)
  return [
    guardServicesStep(servedBy(checkout)),
    guardSubmodulesStep(checkout),
    ...(target.rebuildIndex ? [rebuildIndexStep(checkout)] : []),
    keepEditsStep(checkout, route, target.stamp),
    setEditsAsideStep(checkout),
    switchStep(checkout, route),
    trackStep(checkout),
    tidyStep(checkout),
    submodulesStep(checkout),
    settleStep(checkout),
    restartServicesStep(servedBy(checkout)),
  ]
}

/** Dependencies are not installed yet by this updater: what people have to do by hand is said. */
const dependencySteps = (checkout: Checkout, target: Target): readonly Step[] => {
  if (target.dependencies.length === 0) return []
  return [
    {
      name: 'tell dependencies',
      traceless: true,
      async run(context) {
        context.progress(
          `Git Repo ${checkout.name}: ${target.dependencies.join(', ')} changed. Dependencies are not installed ` +
            'automatically yet: install them by hand if the application does not start.',
        )
      },
    },
  ]
}

/**
 * Where a rollback that names no version goes to when the plan was committed. compat: after one that named none it stays
 * as it was. After a recovery there is nothing to roll back to.
 */
const rollbackAfter = (state: GitRepoState, target: Target, goal: Goal): GitRepoState['rollback'] => {
  if (goal.kind === 'recover') return { commit: '?', branch: '?', version: '?' }
  if (goal.kind === 'rollback' && goal.version === null) return state.rollback
  return { commit: target.from, branch: target.fromBranch ?? state.branch, version: target.fromVersion }
}

/** Every version that was updated or rolled back stays, the newest first; a hard recovery has nothing of the old repository. */
const keptAfter = (state: GitRepoState, target: Target, goal: Goal): GitRepoState['kept'] => {
  if (goal.kind === 'recover' && goal.hard) return []
  const others = state.kept.filter(({ commit }) => commit !== target.to)
  if (goal.kind === 'recover') return others
  const left = { commit: target.from, branch: target.fromBranch, version: target.fromVersion }
  return [left, ...others.filter(({ commit }) => commit !== target.from)]
}

/** Pure in the options and the state. @throws internal when nothing was surveyed for the goal */
export const planFor = (checkout: Checkout, state: GitRepoState, goal: Goal): Plan => {
  const { target } = state
  if (target === null) throw new MoonkeeperError('internal', `Nothing was surveyed for ${checkout.name}`)
  const kept = keptAfter(state, target, goal)
  const stay = kept.slice(0, checkout.outside.generations)
  const rollback = rollbackAfter(state, target, goal)
  const outcome = { ...state, rollback, kept: stay, target: null } as unknown as Json
  const gone = [...state.kept, ...kept].filter((place) => !stay.includes(place))
  const cleanup = [dropKeptStep(checkout, gone, stay)]
  switch (goal.kind) {
    case 'upgrade':
      return {
        steps: (target.backwards ? rollbackSteps : upgradeSteps)(checkout, state, target),
        cleanup,
        outcome,
      }
    case 'rollback':
      return { steps: rollbackSteps(checkout, state, target), cleanup, outcome }
    case 'recover':
      return goal.hard
        ? { ...hardRecovery(checkout, target), outcome }
        : { steps: softRecoverySteps(checkout, target), cleanup, outcome }
  }
}
