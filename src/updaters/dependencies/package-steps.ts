import { MoonkeeperError } from '../../contract/error.js'
import type { DependencyWork } from '../../contract/generated/types.js'
import type { PackageProvider, TransactionContext } from '../../machine/packages/provider.js'
import type { Step, StepContext } from '../contract.js'
import type { Dependent } from './dependent.js'
import { installTask, missingPackages, planPackages, providerOf } from './package-plan.js'

const transactionIn = async (
  { outside }: Dependent,
  { progress: say, signal, workFolder: folder }: StepContext,
): Promise<TransactionContext> => {
  await outside.files.makeFolder(folder)
  return { say, signal, folder }
}

/** @param names what it asks for: all of it is told, also where nobody can install it */
const tell = (
  { label }: Dependent,
  { progress }: StepContext,
  names: readonly string[],
  isManaged: boolean,
): void => {
  progress(`${label}: Installing system dependencies...`)
  if (!isManaged)
    progress(
      `${label}: Packages of the operating system are not managed here. See that these are installed: ${names.join(' ')}`,
    )
}

/** May be ended at any time: looks what there is, and downloads it. */
const fetchStep = (dependent: Dependent, namesFor: () => Promise<readonly string[]>): Step => ({
  name: 'fetch system packages',
  traceless: true,
  async run(context) {
    const names = await namesFor()
    if (names.length === 0) return
    const provider = await providerOf(dependent)
    tell(dependent, context, names, provider !== null)
    const missing = await missingPackages(dependent, names)
    if (provider === null || missing.length === 0) return
    const { progress: say, signal } = context
    await provider.refresh({ say, signal })
    say('Resolving packages...')
    await planPackages(dependent, provider, missing, { say, signal })
    await provider.download(installTask(missing), { say, signal })
  },
})

/** What was interrupted is brought to its end, where it can be. */
const mend = async (provider: PackageProvider, context: TransactionContext): Promise<void> => {
  if ((await provider.unfinished()).length > 0) await provider.repair(context).catch(() => undefined)
}

/**
 * They stay when the rest is undone: what has been installed besides harms nothing, and others may use it by now.
 */
const installStep = (dependent: Dependent, namesFor: () => Promise<readonly string[]>): Step => ({
  name: 'install system packages',
  unstoppable: true,
  async run(context) {
    const missing = await missingPackages(dependent, await namesFor())
    const provider = await providerOf(dependent)
    if (provider === null || missing.length === 0) return
    const transaction = await transactionIn(dependent, context)
    const plan = await planPackages(dependent, provider, missing, transaction)
    try {
      await provider.apply(installTask(missing), plan, transaction)
    } catch (thrown) {
      await mend(provider, transaction)
      throw thrown
    }
    const still = await missingPackages(dependent, missing)
    if (still.length > 0)
      throw new MoonkeeperError(
        'command_failed',
        `${dependent.label}: ${still.join(', ')} could not be installed. Look why: apt-cache policy ${still.join(' ')}`,
      )
  },
})

/**
 * Packages of the operating system that a version needs.
 * @param namesFor what is needed, as far as it is known before or then
 */
export const packageSteps = (
  dependent: Dependent,
  { known, packages, missing }: DependencyWork,
  namesFor: () => Promise<readonly string[]>,
): readonly Step[] => {
  if (known && packages.length === 0) return []
  const fetch = fetchStep(dependent, namesFor)
  // What must not be ended holds up all that follows: it is there only where it is needed.
  return known && missing.length === 0 ? [fetch] : [fetch, installStep(dependent, namesFor)]
}
