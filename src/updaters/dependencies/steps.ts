import type { DependencyWork, FolderChange } from '../../contract/generated/types.js'
import { folderTree, type SourceTree } from '../../dependencies/source-tree.js'
import { readWishes, workBetween, type Work } from '../../dependencies/wishes.js'
import { settleFolder } from '../../system/exchange.js'
import type { Step } from '../contract.js'
import type { Dependent } from './dependent.js'
import { nodeSteps } from './node-steps.js'
import { packageSteps } from './package-steps.js'
import { pythonSteps } from './python-steps.js'

/** What differs between a version that was there and the one that is in the application's folder now. */
const workNow = async (dependent: Dependent, before: SourceTree | null): Promise<Work> => {
  const { folder, options, outside } = dependent
  const system = await outside.operatingSystem()
  const from = before === null ? null : await readWishes(before, options, system)
  return workBetween(from, await readWishes(folderTree(folder, outside.files), options, system))
}

/** Nothing is committed before it is on the disk: neither pip nor npm sees to that. */
const settleStep = ({ outside }: Dependent, folders: readonly string[]): Step => ({
  name: 'settle dependencies',
  async run() {
    for (const folder of folders)
      if ((await outside.files.stat(folder)) !== null) await settleFolder(outside, folder)
  },
})

/**
 * Where neither the folder nor what was kept of it is left, the undo is over: then it went away with what it lies in, by
 * the undo of an earlier step, before a crash.
 */
const guarded =
  ({ outside }: Dependent, change: FolderChange) =>
  (step: Step): Step => ({
    ...step,
    async undo(context) {
      const here = [change.folder, change.kept].map((folder) => outside.files.stat(folder))
      if ((await Promise.all(here)).every((found) => found === null)) return
      await step.undo?.(context)
    },
  })

/**
 * Steps that come when the new version's files are in their place: packages of the operating system, then what is built
 * against them.
 * @param before where the version lies that was left, for work that is not known yet; null: all is installed
 */
export const dependencySteps = (
  dependent: Dependent,
  work: DependencyWork | null,
  before: SourceTree | null = null,
): readonly Step[] => {
  if (work === null) return []
  const { known, packages, python, node } = work
  const now = (): Promise<Work> =>
    known ? Promise.resolve({ python: true, packages, node: true }) : workNow(dependent, before)
  const folders = [python, node].flatMap((change) => change?.folder ?? [])
  return [
    ...packageSteps(dependent, work, async () => (await now()).packages),
    ...(python === null
      ? []
      : pythonSteps(dependent, python, async () => (await now()).python).map(guarded(dependent, python))),
    ...(node === null
      ? []
      : nodeSteps(dependent, node, async () => (await now()).node).map(guarded(dependent, node))),
    ...(folders.length === 0 ? [] : [settleStep(dependent, folders)]),
  ]
}
