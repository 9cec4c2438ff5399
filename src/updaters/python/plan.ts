import path from 'node:path'
import { MoonkeeperError } from '../../contract/error.js'
import type { Goal, Json, Plan, Step } from '../contract.js'
import { unlessPrinting } from '../printing.js'
import { guardServicesStep, restartServicesStep } from '../service-steps.js'
import {
  exchangeVirtualenvsStep,
  keepVirtualenvStep,
  remakeVirtualenvStep,
  settleVirtualenvStep,
  type ChangedVirtualenv,
} from '../virtualenv-steps.js'
import { labelOf, servedBy, toolsOf, type PythonApplication } from './application.js'
import { discardStaged } from './staging.js'
import { installedId, unknownRemote, type KeptVersion, type PythonState, type Target } from './state.js'
import { installAgainStep, installName, installStep } from './steps.js'

const changeSteps = (application: PythonApplication, state: PythonState, target: Target): readonly Step[] => {
  const { folder, kept, inode, from } = target
  const tools = toolsOf(application)
  const changed: ChangedVirtualenv = { label: labelOf(application), change: { folder, kept, inode }, tools }
  const calm = (step: Step): Step => unlessPrinting(changed.label, 'pip', application.outside, step)
  switch (target.action) {
    case 'install':
      return [
        keepVirtualenvStep(changed, [installName]),
        calm(installStep(application, state, target)),
        settleVirtualenvStep(changed),
      ]
    case 'exchange':
      return [tellRollbackStep(application), exchangeVirtualenvsStep(changed, from ?? '')]
    case 'remake':
      return [
        calm(remakeVirtualenvStep(changed, application.options.venv_args)),
        calm(installAgainStep(application, state, target)),
        settleVirtualenvStep(changed),
      ]
  }
}

const tellRollbackStep = (application: PythonApplication): Step => ({
  name: 'tell rollback',
  run: async ({ progress }) => progress(`${labelOf(application)}: Rolling Back...`),
})

const leftVersion = (state: PythonState, target: Target): KeptVersion => ({
  version: state.version,
  id: installedId(state),
  folder: target.kept,
})

interface KeptAfter {
  readonly stay: KeptVersion[]
  readonly gone: readonly string[]
}

/** A virtualenv that had to be made anew is worth nothing as it was. */
const keptAfter = (application: PythonApplication, state: PythonState, target: Target): KeptAfter => {
  const left = leftVersion(state, target)
  const others = state.kept.filter(({ folder }) => folder !== target.from)
  if (target.action === 'remake') return { stay: others, gone: [target.kept] }
  const all = [left, ...others.filter(({ id }) => id !== left.id && id !== target.goal.id)]
  const stay = all.slice(0, application.outside.generations)
  const folders = [left, ...others].map(({ folder }) => folder)
  return { stay, gone: folders.filter((folder) => !stay.some((one) => one.folder === folder)) }
}

const dropFolderStep = ({ outside }: PythonApplication, folder: string): Step => ({
  name: `drop ${path.basename(folder)}`,
  async run() {
    await outside.files.remove(folder)
    const hold = path.dirname(folder)
    await outside.files.removeEmptyFolders(hold, path.dirname(path.dirname(hold)))
  },
})

/** compat: once it is installed, what was offered is called as the install calls it. */
const remoteAfter = ({ remote }: PythonState, { goal: { id } }: Target, goal: Goal): PythonState['remote'] =>
  goal.kind === 'upgrade' && remote.id === id ? unknownRemote : remote

/** compat: after a rollback that named no version the next one goes to the same; one that named one can be taken back. */
const rollbackAfter = (state: PythonState, goal: Goal): PythonState['rollback'] =>
  goal.kind === 'upgrade' || (goal.kind === 'rollback' && goal.version !== null)
    ? { version: state.version, id: installedId(state) }
    : state.rollback

/** Pure in the options and the state. @throws internal when nothing was surveyed */
export const planFor = (application: PythonApplication, state: PythonState, goal: Goal): Plan => {
  const { target } = state
  if (target === null) throw new MoonkeeperError('internal', `Nothing was surveyed for ${application.name}`)
  const { stay, gone } = keptAfter(application, state, target)
  const outcome: PythonState = {
    ...state,
    rollback: rollbackAfter(state, goal),
    remote: remoteAfter(state, target, goal),
    kept: stay,
    target: null,
  }
  return {
    steps: [
      guardServicesStep(servedBy(application)),
      ...changeSteps(application, state, target),
      restartServicesStep(servedBy(application)),
    ],
    cleanup: [
      ...gone.map((folder) => dropFolderStep(application, folder)),
      { name: 'drop what was staged', run: () => discardStaged(application) },
    ],
    outcome: outcome as unknown as Json,
  }
}
