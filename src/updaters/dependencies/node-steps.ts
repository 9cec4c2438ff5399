import path from 'node:path'
import type { FolderChange } from '../../contract/generated/types.js'
import { installNodePackages } from '../../dependencies/npm.js'
import {
  bringAsideBack,
  exchangeVirtualenvs,
  exchangeVirtualenvsBack,
  setVirtualenvAside,
} from '../../python/kept-virtualenv.js'
import type { Step, StepContext } from '../contract.js'
import { tellWhile } from '../heartbeat.js'
import { refuseWhilePrinting } from '../printing.js'
import type { Dependent } from './dependent.js'

export const modulesName = 'install Node packages'

export const runNpm = async (dependent: Dependent, context: StepContext): Promise<void> => {
  const { label, folder, outside } = dependent
  context.progress(`${label}: Updating Node Packages...`)
  const work = installNodePackages({
    folder,
    temporary: path.join(context.workFolder, 'npm'),
    tools: outside,
    signal: context.signal,
    onLine: context.progress,
  })
  await tellWhile(`${label}: npm still works`, context.progress, work)
}

/** npm removes what is there before it installs: so that is moved away, and comes back with an undo. */
const installStep = (dependent: Dependent, change: FolderChange, isNeeded: () => Promise<boolean>): Step => {
  const { outside } = dependent
  return {
    name: modulesName,
    async run(context) {
      if (!(await isNeeded())) return
      refuseWhilePrinting(dependent.label, 'npm', outside)
      await setVirtualenvAside(change, outside)
      await runNpm(dependent, context)
    },
    async undo() {
      if (change.inode === 0) return outside.files.remove(change.folder)
      await bringAsideBack(change, outside)
    },
  }
}

const exchangeStep = ({ outside }: Dependent, change: FolderChange): Step => ({
  name: 'exchange Node packages',
  run: () => exchangeVirtualenvs(change, change.from ?? '', outside),
  async undo() {
    const from = change.from ?? ''
    if (change.inode !== 0) return exchangeVirtualenvsBack(change, from, outside)
    // There was none.
    if ((await outside.files.stat(from)) === null) await outside.files.rename(change.folder, from)
  },
})

/** What happens to node_modules, with its undo. */
export const nodeSteps = (
  dependent: Dependent,
  change: FolderChange,
  isNeeded: () => Promise<boolean>,
): readonly Step[] =>
  change.how === 'exchange' ? [exchangeStep(dependent, change)] : [installStep(dependent, change, isNeeded)]
