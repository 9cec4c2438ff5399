import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import type { Goal, Plan, Step } from '../contract.js'
import { guardServicesStep, restartServicesStep, type Served } from '../service-steps.js'
import type { Place } from './place.js'
import type { KeptVersion, ReleaseState, Target } from './state.js'
import { exchangeStep, keptFolder } from './steps/exchange.js'
import { dropAsideStep, movePersistentStep } from './steps/persistent.js'
import { keepProgramStep, replaceProgramStep } from './steps/program.js'

const servedBy = ({ title, name, options, outside }: Place): Served => ({
  label: `${title} ${name}`,
  services: options.managed_services ?? [],
  restarter: outside.services,
})

/** The folder that has the version to go to. @throws internal when nothing was prepared */
const sourceOf = ({ name }: Place, state: ReleaseState, target: Target): string => {
  const folder = target.from ?? state.staged?.path
  if (folder === undefined) throw new MoonkeeperError('internal', `Nothing was prepared for ${name}`)
  return folder
}

const changeSteps = (place: Place, state: ReleaseState, target: Target): readonly Step[] => {
  const source = sourceOf(place, state, target)
  if (place.type !== 'executable')
    return [movePersistentStep(place, target, source), exchangeStep(place, target, source)]
  const program = state.assetName ?? place.name
  return [keepProgramStep(place, target, program), replaceProgramStep(place, target, program, source)]
}

/** The version that is left. Its tag is known when it is what the forge offered. */
const leftVersion = (place: Place, state: ReleaseState, target: Target): KeptVersion => ({
  version: state.version,
  tag: state.remote?.version === state.version ? state.remote.tag : null,
  repo: `${state.owner}/${state.project}`,
  folder: keptFolder(place, target),
})

const dropFolderStep = (place: Place, folder: string): Step => ({
  name: `drop ${path.basename(folder)}`,
  run: () => place.outside.files.remove(folder),
})

/** Pure in the options and the state. @throws internal when nothing was surveyed, or prepared */
export const planFor = (place: Place, state: ReleaseState, goal: Goal): Plan => {
  const { target } = state
  if (target === null) throw new MoonkeeperError('internal', `Nothing was surveyed for ${place.name}`)
  const left = leftVersion(place, state, target)
  const kept = [
    left,
    ...state.kept.filter(({ folder, version }) => folder !== target.from && version !== left.version),
  ]
  const stay = kept.slice(0, place.outside.generations)
  const gone = [...state.kept, left].filter(({ folder }) => !stay.some((one) => one.folder === folder))
  const rollback =
    goal.kind === 'upgrade' ? { version: left.version, tag: left.tag, repo: left.repo } : state.rollback
  const outcome = { ...state, version: target.version, rollback, kept: stay, staged: null, target: null }
  return {
    steps: [
      guardServicesStep(servedBy(place)),
      ...changeSteps(place, state, target),
      restartServicesStep(servedBy(place)),
    ],
    cleanup: [
      dropAsideStep(place, target),
      ...(target.from === null && place.type === 'executable'
        ? [dropFolderStep(place, sourceOf(place, state, target))]
        : []),
      ...gone.map(({ folder }) => dropFolderStep(place, folder)),
    ],
    outcome,
  }
}
