import { MoonkeeperError } from '../../contract/error.js'
import type { Goal, Json, Plan, Step, StepContext } from '../contract.js'
import { guardServicesStep, restartServicesStep } from '../service-steps.js'
import { dropDependenciesStep, droppedBy, keptAfterWork } from '../dependencies/kept.js'
import { dependencySteps } from '../dependencies/steps.js'
import { servedBy, type Checkout, type Route } from './checkout.js'
import { dependentOf } from './dependencies.js'
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
    ...dependencySteps(dependentOf(checkout), target.dependencies),
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
    ...dependencySteps(dependentOf(checkout), target.dependencies),
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
    ...dependencySteps(dependentOf(checkout), target.dependencies),
    restartServicesStep(servedBy(checkout)),
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

type Kept = GitRepoState['kept'][number]

/** Every version that was updated or rolled back stays, the newest first; a hard recovery has nothing of the old repository. */
const keptAfter = (state: GitRepoState, target: Target, goal: Goal): GitRepoState['kept'] => {
  if (goal.kind === 'recover' && goal.hard) return []
  const others = state.kept.filter(({ commit }) => commit !== target.to)
  const left: Kept = { commit: target.from, branch: target.fromBranch, version: target.fromVersion }
  const kept =
    goal.kind === 'recover' ? others : [left, ...others.filter(({ commit }) => commit !== target.from)]
  return kept.map((place): Kept => keptAfterWork(place, target.dependencies))
}

/** What is kept when the plan was committed, and what is dropped then. */
const keepingOf = (
  checkout: Checkout,
  state: GitRepoState,
  target: Target,
  goal: Goal,
): { readonly stay: GitRepoState['kept']; readonly drop: readonly Step[] } => {
  const kept = keptAfter(state, target, goal)
  const stay = kept.slice(0, checkout.outside.generations)
  const isStaying = (commit: string): boolean => stay.some((place) => place.commit === commit)
  const gone = [...state.kept, ...kept].filter(({ commit }) => !isStaying(commit))
  const folders = droppedBy(target.dependencies, [...state.kept, ...kept], stay)
  const drop = [dropKeptStep(checkout, gone, stay)]
  if (folders.length > 0) drop.push(dropDependenciesStep(folders, checkout.outside.files))
  return { stay, drop }
}

/** A hard recovery has what it drops itself; the kept refs went with the old repository. */
const withCleanup = (
  { steps, cleanup: own }: Pick<Plan, 'steps' | 'cleanup'>,
  cleanup: readonly Step[],
  outcome: Json,
): Plan => ({ steps, cleanup: [...own, ...cleanup.slice(1)], outcome })

/** Pure in the options and the state. @throws internal when nothing was surveyed for the goal */
export const planFor = (checkout: Checkout, state: GitRepoState, goal: Goal): Plan => {
  const { target } = state
  if (target === null) throw new MoonkeeperError('internal', `Nothing was surveyed for ${checkout.name}`)
  const { stay, drop: cleanup } = keepingOf(checkout, state, target, goal)
  const rollback = rollbackAfter(state, target, goal)
  const outcome = { ...state, rollback, kept: [...stay], target: null } as unknown as Json
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
        ? withCleanup(hardRecovery(checkout, target, goal.updateDependencies), cleanup, outcome)
        : { steps: softRecoverySteps(checkout, target), cleanup, outcome }
  }
}
