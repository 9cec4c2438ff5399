import path from 'node:path'
import type { FolderChange } from '../../contract/generated/types.js'
import { MoonkeeperError } from '../../contract/error.js'
import { readRequirements } from '../../dependencies/requirements.js'
import { folderTree } from '../../dependencies/source-tree.js'
import { listDistributions, normalName } from '../../python/distributions.js'
import { requirementsOf } from '../../python/new-virtualenv.js'
import { newestPipFor } from '../../python/newest-pip.js'
import { isOlderPip, pipVersion, runPip, type PipSetup } from '../../python/pip.js'
import { readVirtualenv } from '../../python/virtualenv.js'
import type { Step, StepContext } from '../contract.js'
import { tellWhile } from '../heartbeat.js'
import { refuseWhilePrinting, unlessPrinting } from '../printing.js'
import {
  exchangeVirtualenvsStep,
  keepVirtualenvStep,
  pipFolder,
  remakeVirtualenvStep,
  usableVirtualenv,
} from '../virtualenv-steps.js'
import { pipVariables, type Dependent } from './dependent.js'

const installName = 'install Python packages'

/** What cannot be read as it stands in the application's folder is not left to pip either. @throws refused */
const refuseOutside = async ({ label, folder, options, outside }: Dependent): Promise<void> => {
  const { problems } = await readRequirements(folderTree(folder, outside.files), options.requirements ?? '')
  const [problem] = problems
  if (problem !== undefined)
    throw new MoonkeeperError('refused', `${label}: ${problem}. Its Python packages were not installed.`)
}

const callsFor = async (dependent: Dependent, folder: string, context: StepContext): Promise<PipSetup> => ({
  virtualenv: await usableVirtualenv(folder, dependent.outside),
  tools: dependent.outside,
  temporary: pipFolder(context, 'install'),
  variables: pipVariables(dependent),
  signal: context.signal,
})

/** compat: a pip that is old is updated first, within limits. What fails here is no obstacle. */
const updatePip = async (
  { label, outside }: Dependent,
  setup: PipSetup,
  context: StepContext,
): Promise<void> => {
  const { progress, signal } = context
  progress(`${label}: Checking pip version...`)
  const installed = (await pipVersion(setup.virtualenv, outside)) ?? ''
  const newest = newestPipFor(setup.virtualenv)
  if (!isOlderPip(installed, newest)) return progress(`${label}: Pip version up to date`)
  progress(`${label}: Updating pip from version ${installed} to ${newest}...`)
  const args = ['install', '-U', `pip<=${newest}`]
  await runPip('Updating pip', { ...setup, args, onLine: progress }).catch((thrown: unknown) => {
    signal.throwIfAborted()
    progress(
      `${label}: Pip Version Check Error: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    )
  })
}

/** @throws command_failed, refused */
const installRequirements = async (
  dependent: Dependent,
  folder: string,
  context: StepContext,
): Promise<void> => {
  const { label, options } = dependent
  await refuseOutside(dependent)
  const setup = await callsFor(dependent, folder, context)
  await updatePip(dependent, setup, context)
  context.progress(`${label}: Updating python packages...`)
  const file = path.join(dependent.folder, options.requirements ?? '')
  const work = runPip(`${label}: Installing Python packages`, {
    ...setup,
    args: ['install', '-U', '-r', file],
    onLine: context.progress,
  })
  await tellWhile(`${label}: pip still works`, context.progress, work)
}

const nameOf = (line: string): string => normalName(/^[\w.-]+/.exec(line)?.[0] ?? line)

/** What its owner had in the virtualenv besides. What cannot be had any more is told: the application does not need it. */
const installOthers = async (
  dependent: Dependent,
  change: FolderChange,
  context: StepContext,
): Promise<void> => {
  const { label, outside } = dependent
  const old = await readVirtualenv(change.kept, outside)
  const packages = old?.sitePackages ?? null
  if (packages === null) return
  const setup = await callsFor(dependent, change.folder, context)
  const here = await listDistributions(setup.virtualenv.sitePackages ?? '', outside.files)
  const known = new Set(here.map(({ name }) => normalName(name)))
  const lines = await requirementsOf(packages, outside)
  for (const line of lines.filter((one) => !known.has(nameOf(one)))) {
    const args = ['install', ...line.split(/ (?=file:)/)]
    await runPip(`Installing ${line}`, { ...setup, args, onLine: context.progress }).catch(
      (thrown: unknown) => {
        context.signal.throwIfAborted()
        const why = thrown instanceof Error ? thrown.message : String(thrown)
        context.progress(`${label}: ${line} was in the virtualenv too, and is not any more. ${why}`)
      },
    )
  }
}

/** @param isNeeded asked when the new version is there */
const installStep = (dependent: Dependent, change: FolderChange, isNeeded: () => Promise<boolean>): Step => ({
  name: installName,
  async run(context) {
    if (!(await isNeeded())) return
    refuseWhilePrinting(dependent.label, 'pip', dependent.outside)
    await installRequirements(dependent, change.folder, context)
    if (change.how === 'remake') await installOthers(dependent, change, context)
  },
})

/** compat: nothing is told of it, unless it takes long. */
const keepStep = (dependent: Dependent, change: FolderChange, isNeeded: () => Promise<boolean>): Step => {
  const { label, outside: tools } = dependent
  const keep = keepVirtualenvStep({ change, tools }, [installName])
  return {
    ...keep,
    run: async (context) => {
      if (!(await isNeeded())) return
      const work = keep.run?.({ ...context, progress: () => undefined }) ?? Promise.resolve()
      await tellWhile(`${label}: The virtualenv ${change.folder} is being copied`, context.progress, work)
    },
  }
}

/** What happens to the virtualenv, with its undo. */
export const pythonSteps = (
  dependent: Dependent,
  change: FolderChange,
  isNeeded: () => Promise<boolean>,
): readonly Step[] => {
  const { label, options, outside: tools } = dependent
  const changed = { label, change, tools }
  const always = async (): Promise<boolean> => true
  switch (change.how) {
    case 'exchange':
      return [exchangeVirtualenvsStep(changed, change.from ?? '')]
    case 'remake':
      return [
        unlessPrinting(label, 'pip', tools, remakeVirtualenvStep(changed, options.venv_args)),
        installStep(dependent, change, always),
      ]
    case 'install':
      return [keepStep(dependent, change, isNeeded), installStep(dependent, change, isNeeded)]
    case 'copy':
      return []
  }
}
