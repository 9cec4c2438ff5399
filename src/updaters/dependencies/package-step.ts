import { MoonkeeperError } from '../../contract/error.js'
import type { Step, StepContext } from '../contract.js'
import type { Dependent } from './dependent.js'

/** Packages beyond those that were told in the plan. */
const refuseRemovals = async (
  { label, outside }: Dependent,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> => {
  const { remove = [] } = (await outside.installer?.simulate(names, signal)) ?? {}
  if (remove.length === 0) return
  const gone = remove.map(({ name }) => name).join(', ')
  throw new MoonkeeperError(
    'refused',
    `${label}: ${names.join(', ')} cannot be installed without removing ${gone}. Nothing was changed. Install them by ` +
      `hand if that is fine, and try again: sudo apt install ${names.join(' ')}`,
  )
}

/** @throws command_failed */
const install = async (
  dependent: Dependent,
  names: readonly string[],
  context: StepContext,
): Promise<void> => {
  const { label, outside } = dependent
  context.progress(`${label}: Installing system dependencies...`)
  if (outside.installer === null) {
    context.progress(
      `${label}: Packages of the operating system are not managed here. See that these are installed: ${names.join(' ')}`,
    )
    return
  }
  const missing = await outside.installer.missing(names, context.signal)
  if (missing.length === 0) return
  await refuseRemovals(dependent, missing, context.signal)
  await outside.installer.install(missing, context)
  const still = await outside.installer.missing(missing, context.signal)
  if (still.length === 0) return
  throw new MoonkeeperError(
    'command_failed',
    `${label}: ${still.join(', ')} could not be installed. Look why: apt-cache policy ${still.join(' ')}`,
  )
}

/**
 * Installs packages of the operating system. They stay when the rest is undone: what has been installed besides harms
 * nothing, and other applications may use it by now.
 * @param namesFor what is needed, as far as it is known before or then
 */
export const packageStep = (dependent: Dependent, namesFor: () => Promise<readonly string[]>): Step => ({
  name: 'install system packages',
  unstoppable: true,
  async run(context) {
    const names = await namesFor()
    if (names.length > 0) await install(dependent, names, context)
  },
})
