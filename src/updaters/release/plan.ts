import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import type { Goal, Json, Plan, Step } from '../contract.js'
import { guardServicesStep, restartServicesStep, type Served } from '../service-steps.js'
import { dropDependenciesStep, droppedBy, keptAfterWork } from '../dependencies/kept.js'
import { copyModulesSteps, onlyPython, releaseDependencySteps } from './dependencies.js'
import type { Place } from './place.js'
import { stagedFolder } from './staged.js'
import { isInstalled, type KeptVersion, type ReleaseState, type Target } from './state.js'
import { exchangeStep, keptFolder } from './steps/exchange.js'
import { dropAsideStep, movePersistentStep } from './steps/persistent.js'
import { keepProgramStep, replaceProgramStep } from './steps/program.js'
import { dropStagedStep, guardStagedStep } from './steps/staged.js'

const servedBy = ({ title, name, options, outside }: Place): Served => ({
  label: `${title} ${name}`,
  services: options.managed_services ?? [],
  restarter: outside.services,
})

const changeSteps = (place: Place, state: ReleaseState, target: Target): readonly Step[] => {
  const source = target.from ?? stagedFolder(place)
  if (place.type === 'executable') {
    const program = state.assetName ?? place.name
    return [keepProgramStep(place, target, program), replaceProgramStep(place, target, program, source)]
  }
  return [
    ...copyModulesSteps(place, target, source),
    movePersistentStep(place, target, source),
    exchangeStep(place, target, source),
    ...releaseDependencySteps(place, target),
  ]
}

/** The release that is installed, where that is known. */
const tagOf = ({ version, tag, remote }: ReleaseState): string | null =>
  tag ?? (remote !== null && isInstalled({ version, tag }, remote) ? remote.tag : null)

const leftVersion = (place: Place, state: ReleaseState, target: Target): KeptVersion => ({
  version: state.version,
  tag: tagOf(state),
  repo: `${state.owner}/${state.project}`,
  folder: keptFolder(place, target),
})

const dropFolderStep = (place: Place, folder: string): Step => ({
  name: `drop ${path.basename(folder)}`,
  run: () => place.outside.files.remove(folder),
})

/** A program is copied from where it was kept, so that goes too; a folder went away by itself. */
const isGone = ({ type }: Place, target: Target, { folder }: KeptVersion): boolean =>
  type === 'executable' && folder === target.from

const keptAfter = (
  place: Place,
  state: ReleaseState,
  target: Target,
): {
  readonly left: KeptVersion
  readonly stay: KeptVersion[]
  readonly gone: readonly KeptVersion[]
} => {
  const left = leftVersion(place, state, target)
  const others = state.kept.filter(({ folder }) => folder !== target.from)
  const stay = [left, ...others.filter(({ version }) => version !== left.version)]
    .slice(0, place.outside.generations)
    .map((version) => keptAfterWork(version, onlyPython(target.dependencies)))
  const gone = [left, ...others, ...state.kept.filter((one) => isGone(place, target, one))]
  return { left, stay, gone: gone.filter(({ folder }) => !stay.some((one) => one.folder === folder)) }
}

const dropUnneeded = (
  { outside }: Place,
  state: ReleaseState,
  { dependencies }: Target,
  stay: readonly KeptVersion[],
): readonly Step[] => {
  const folders = droppedBy(onlyPython(dependencies), state.kept, stay)
  return folders.length === 0 ? [] : [dropDependenciesStep(folders, outside.files)]
}

/** Pure in the options and the state. @throws internal when nothing was surveyed */
export const planFor = (place: Place, state: ReleaseState, goal: Goal): Plan => {
  const { target } = state
  if (target === null) throw new MoonkeeperError('internal', `Nothing was surveyed for ${place.name}`)
  const { left, stay, gone } = keptAfter(place, state, target)
  // compat: after a rollback that named no version the next one goes to the same.
  const again = goal.kind === 'rollback' && goal.version === null
  const rollback = again ? state.rollback : { version: left.version, tag: left.tag, repo: left.repo }
  const { version, tag } = target
  const outcome: ReleaseState = { ...state, version, tag, rollback, kept: stay, target: null }
  return {
    steps: [
      guardStagedStep(place, target),
      guardServicesStep(servedBy(place)),
      ...changeSteps(place, state, target),
      restartServicesStep(servedBy(place)),
    ],
    cleanup: [
      dropAsideStep(place, target),
      ...gone.map(({ folder }) => dropFolderStep(place, folder)),
      ...dropUnneeded(place, state, target, stay),
      dropStagedStep(place),
    ],
    outcome: outcome as unknown as Json,
  }
}
