import type { ApplicationPlan } from '../../contract/generated/types.js'
import type { Goal, SurveyContext } from '../contract.js'
import { shownDependencies } from './dependencies.js'
import type { Place } from './place.js'
import { stagedFor } from './staged.js'
import { isOlder } from './order.js'
import type { ReleaseState, Target } from './state.js'

/** A zip needs its own size and what is in it; what that is, is known only when it is here. */
const roughly = 4

const sizesOf = async (
  place: Place,
  { release }: Target,
): Promise<{ readonly plan: Partial<ApplicationPlan>; readonly warnings: readonly string[] }> => {
  if (release === null || (await stagedFor(place, release)) !== null)
    return { plan: { download_bytes: 0, disk_bytes: 0 }, warnings: [] }
  const size = release.asset?.size ?? null
  if (size === null) return { plan: {}, warnings: ['How large the download is, the forge does not say.'] }
  const disk = place.type === 'executable' ? size * 2 : size * roughly
  return {
    plan: { download_bytes: place.source.isHere ? 0 : size, disk_bytes: disk },
    warnings: ['How many files it has, and how much room they take, is known only when it is here.'],
  }
}

const forgeWarnings = ({ source }: Place, { lastError }: ReleaseState, goal: Goal): readonly string[] =>
  goal.kind !== 'upgrade' || source.isHere || lastError === ''
    ? []
    : [`What is new is not known, it is as it was seen last: ${lastError}`]

/** Of what is kept they are not known. */
const notesOf = ({ release }: Target): Pick<ApplicationPlan, 'release_notes'> =>
  release?.notes === undefined ? {} : { release_notes: release.notes }

/** The plan as people see it. @param target null when there is nothing to do */
export const summarise = async (
  place: Place,
  state: ReleaseState,
  goal: Goal,
  target: Target | null,
  context: SurveyContext,
): Promise<ApplicationPlan> => {
  const { name, type, options } = place
  const from = { version: state.version, id: state.version }
  const depends = await shownDependencies(place, target, context)
  const plan = {
    name,
    type,
    goal: goal.kind,
    needed: target !== null,
    from,
    to: target === null ? from : { version: target.version, id: target.tag ?? target.version },
    downgrade: goal.kind === 'upgrade' && target !== null && isOlder(target.version, state.version),
    packages: depends.packages,
    services: target === null ? [] : [...(options.managed_services ?? [])],
    edits: [],
    reversible: true,
  }
  const older = forgeWarnings(place, state, goal)
  if (target === null) return { ...plan, warnings: [...older] }
  const sizes = await sizesOf(place, target)
  const room = sizes.plan.disk_bytes === undefined ? {} : { disk_bytes: sizes.plan.disk_bytes + depends.room }
  const warnings = [...older, ...sizes.warnings, ...depends.warnings]
  return { ...plan, ...notesOf(target), ...sizes.plan, ...room, ...depends.shown, warnings }
}
