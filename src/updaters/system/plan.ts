import { MoonkeeperError } from '../../contract/error.js'
import type { Packages } from '../../machine/packages/packages.js'
import type { PackagePlan, PackageTask, TransactionContext } from '../../machine/packages/provider.js'
import type { Files } from '../../system/files.js'
import type { Conclusion, Goal, Json, Plan, Step, StepContext } from '../contract.js'
import { changesOf, nothing, type SystemState } from './state.js'

export interface SystemSurroundings {
  readonly packages: Packages
  readonly files: Pick<Files, 'makeFolder'>
}

/** All that is newer; what needs others to go only when it was planned so. */
export const upgradeTask = ({ careful }: SystemState): PackageTask => ({
  kind: 'upgrade',
  removing: !careful,
})

const transactionIn = async (
  { progress: say, signal, workFolder: folder }: StepContext,
  { files }: SystemSurroundings,
): Promise<TransactionContext> => {
  await files.makeFolder(folder)
  return { say, signal, folder }
}

/** What is planned and is not so. */
const missing = async (
  planned: PackagePlan,
  { packages }: SystemSurroundings,
): Promise<readonly string[]> => {
  const provider = await packages.provider()
  const changes = changesOf(planned)
  const versions = await provider.installed(changes.map(({ name }) => name))
  return changes.filter(({ name, to }) => (versions.get(name) ?? null) !== to).map(({ name }) => name)
}

/** @throws packages_broken, package_failed when something stays half installed */
const mend = async (context: StepContext, outside: SystemSurroundings): Promise<void> => {
  const provider = await outside.packages.provider()
  await provider.repair(await transactionIn(context, outside))
}

const conclude = async (
  planned: PackagePlan,
  context: StepContext,
  outside: SystemSurroundings,
): Promise<Conclusion> => {
  await mend(context, outside)
  const rest = await missing(planned, outside)
  const count = changesOf(planned).length
  if (rest.length === 0) return { done: true, text: `All ${count} packages were changed as planned` }
  const text =
    `The transaction was interrupted (power cut or kill). Nothing is half installed: ${count - rest.length} of ${count} ` +
    `packages were changed, not ${rest.join(', ')}. Update again for the rest`
  return { done: false, text }
}

/** Where nothing is half installed a failure needs nobody. */
const refuseHalfDone = async ({ packages }: SystemSurroundings): Promise<void> => {
  const unfinished = await (await packages.provider()).unfinished()
  if (unfinished.length === 0) return
  throw new MoonkeeperError(
    'packages_broken',
    `half installed: ${unfinished.join(', ')}. Try: sudo dpkg --configure -a; sudo apt-get -f install`,
  )
}

const upgradeStep = (state: SystemState, outside: SystemSurroundings): Step => {
  const planned = state.planned ?? nothing
  return {
    name: 'install packages',
    unstoppable: true,
    async run(context) {
      const provider = await outside.packages.provider()
      const transaction = await transactionIn(context, outside)
      try {
        await provider.apply(upgradeTask(state), planned, transaction)
      } catch (thrown) {
        // What was interrupted is brought to its end, where it can be; why it failed is told.
        if ((await provider.unfinished()).length > 0)
          await provider.repair(transaction).catch(() => undefined)
        throw thrown
      }
    },
    undo: () => refuseHalfDone(outside),
    conclude: (context) => conclude(planned, context, outside),
  }
}

const recoverStep = (outside: SystemSurroundings): Step => ({
  name: 'mend packages',
  unstoppable: true,
  run: (context) => mend(context, outside),
  async conclude(context) {
    await mend(context, outside)
    return { done: true, text: 'Nothing is half installed any more' }
  },
})

export const planFor = (state: SystemState, goal: Goal, outside: SystemSurroundings): Plan => ({
  steps: [goal.kind === 'recover' ? recoverStep(outside) : upgradeStep(state, outside)],
  cleanup: [],
  outcome: { ...state, planned: null, available: nothing, unfinished: [], stamp: '' } as unknown as Json,
})
