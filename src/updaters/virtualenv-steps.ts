import path from 'node:path'
import { readVirtualenv, type PythonTools, type Virtualenv } from '../python/virtualenv.js'
import {
  bringAsideBack,
  bringCopyBack,
  exchangeVirtualenvs,
  exchangeVirtualenvsBack,
  keepVirtualenv,
  setVirtualenvAside,
  type VirtualenvChange,
} from '../python/kept-virtualenv.js'
import { removeLeftovers } from '../python/distributions.js'
import { carryConfiguration, makeVirtualenv } from '../python/new-virtualenv.js'
import { settleFolder } from '../system/exchange.js'
import { MoonkeeperError } from '../contract/error.js'
import type { Step, StepContext } from './contract.js'

/** A virtualenv that a plan changes. The change was surveyed: it is part of what is saved. */
export interface ChangedVirtualenv {
  /** How lines about it begin. */
  readonly label: string
  readonly change: VirtualenvChange
  readonly tools: PythonTools
}

/** Names of steps; those who change the virtualenv after them tell theirs. */
export const keepName = 'keep virtualenv'

/** A folder for one call of pip, that goes with the operation whatever happens. */
export const pipFolder = ({ workFolder }: Pick<StepContext, 'workFolder'>, name: string): string =>
  path.join(workFolder, `pip-${name}`)

/**
 * Copies the virtualenv before the steps named in `changers` change it. The copy is what an undo brings back, and what
 * is kept of the version that is left.
 */
export const keepVirtualenvStep = (
  { change, tools }: Pick<ChangedVirtualenv, 'change' | 'tools'>,
  changers: readonly string[],
): Step => ({
  name: keepName,
  run: ({ signal }) => keepVirtualenv(change, tools, signal),
  async undo(context) {
    const isChanged = changers.some((name) => context.begun(name))
    if (isChanged) return bringCopyBack(change, tools)
    // As nobody has changed it, it stays the same folder.
    for (const target of [`${change.kept}.part`, change.kept]) await tools.files.remove(target)
  },
})

/** A kept virtualenv comes back, and the one that is there is kept. Needs no network. */
export const exchangeVirtualenvsStep = (
  { change, tools }: Pick<ChangedVirtualenv, 'change' | 'tools'>,
  from: string,
): Step => ({
  name: 'exchange virtualenvs',
  run: () => exchangeVirtualenvs(change, from, tools),
  undo: () => exchangeVirtualenvsBack(change, from, tools),
})

/**
 * Makes the virtualenv anew in its place, empty but for pip. The old one is kept meanwhile.
 * @param args venv_args of the configuration
 */
export const remakeVirtualenvStep = (
  { label, change, tools }: ChangedVirtualenv,
  args: string | undefined,
): Step => ({
  name: 'remake virtualenv',
  async run(context) {
    context.progress(`${label}: Making the virtualenv ${change.folder} anew...`)
    await setVirtualenvAside(change, tools)
    const configuration = await tools.files.readText(path.join(change.kept, 'pyvenv.cfg'))
    const systemPackages = /^include-system-site-packages\s*=\s*true/im.test(configuration ?? '')
    const temporary = pipFolder(context, 'venv')
    const { signal } = context
    await makeVirtualenv({ folder: change.folder, args, systemPackages, temporary, signal }, tools)
    await carryConfiguration(change.kept, change.folder, tools)
  },
  undo: () => bringAsideBack(change, tools),
})

/** Nothing is committed before it is on the disk: pip does not see to that. */
export const settleVirtualenvStep = ({
  change,
  tools,
}: Pick<ChangedVirtualenv, 'change' | 'tools'>): Step => ({
  name: 'settle virtualenv',
  run: () => settleFolder(tools, change.folder),
})

export type UsableVirtualenv = Virtualenv & { readonly sitePackages: string }

/**
 * The virtualenv as pip is to find it: what a killed pip left is gone.
 * @throws command_failed when there is none, or it cannot be used
 */
export const usableVirtualenv = async (folder: string, tools: PythonTools): Promise<UsableVirtualenv> => {
  const found = await readVirtualenv(folder, tools)
  const sitePackages = found?.sitePackages ?? null
  if (found === null || sitePackages === null)
    throw new MoonkeeperError(
      'command_failed',
      `There is no virtualenv in ${folder}. Look at: ls -l ${folder}`,
    )
  await removeLeftovers(sitePackages, tools.files)
  return { ...found, sitePackages }
}
