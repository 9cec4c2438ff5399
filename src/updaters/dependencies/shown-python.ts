import path from 'node:path'
import type { ApplicationPlan, FolderChange, PackageChange } from '../../contract/generated/types.js'
import { compareRequirements } from '../../dependencies/comparison.js'
import { flatten } from '../../dependencies/flat-requirements.js'
import type { Requirements } from '../../dependencies/requirements.js'
import { listDistributions, normalName } from '../../python/distributions.js'
import { canReport, pipVersion } from '../../python/pip.js'
import { changesOf, resolvePackages } from '../../python/report.js'
import { readVirtualenv, virtualenvWarning, type Virtualenv } from '../../python/virtualenv.js'
import { pipVariables, type Dependent } from './dependent.js'

type Shown = Pick<ApplicationPlan, 'python' | 'warnings'>

/** Milliseconds. Somebody waits for it. */
const timeout = 120_000

/** What is installed in a virtualenv, by name. */
const installedIn = async (folder: string, { outside }: Dependent): Promise<ReadonlyMap<string, string>> => {
  const found = await readVirtualenv(folder, outside)
  const packages = found?.sitePackages ?? null
  const list = packages === null ? [] : await listDistributions(packages, outside.files)
  return new Map(list.map(({ name, version }) => [normalName(name), version]))
}

/** The kept virtualenv is here: what differs is seen. */
const showExchange = async (dependent: Dependent, { folder, from }: FolderChange): Promise<Shown> => {
  const [here, there] = [await installedIn(folder, dependent), await installedIn(from ?? '', dependent)]
  const names = [...new Set([...here.keys(), ...there.keys()])].sort()
  const changes = names.map((name) => ({ name, from: here.get(name) ?? null, to: there.get(name) ?? null }))
  return {
    python: changes.filter((change) => change.from !== change.to),
    warnings: [
      'The virtualenv that was kept with that version comes back whole, and the one in use is kept.',
    ],
  }
}

const usable = async (folder: string, { outside }: Dependent): Promise<Virtualenv | string> => {
  if (outside.isPrinting())
    return 'Exact versions are not known: pip is not started while Klippy is printing.'
  const found = await readVirtualenv(folder, outside)
  if (found === null) return `There is no virtualenv in ${folder}: exact versions cannot be told.`
  if (found.problem !== null) return virtualenvWarning(folder, found.problem)
  const version = await pipVersion(found, outside)
  if (canReport(version)) return found
  return version === null
    ? `The virtualenv ${folder} has no pip, so nothing can be installed in it. Try: ${found.python} -m ensurepip`
    : `pip ${version} in ${folder} cannot tell before which versions it installs; pip 22.2 and later can.`
}

/** What pip says it would do. */
const ask = async (
  dependent: Dependent,
  virtualenv: Virtualenv,
  wanted: Requirements,
  signal: AbortSignal,
): Promise<readonly PackageChange[]> => {
  const { name, outside } = dependent
  const plans = path.join(outside.dataFolder, 'plans')
  const folder = path.join(plans, name)
  await outside.files.remove(folder)
  await outside.files.makeFolder(folder)
  try {
    const { requirements, constraints } = flatten(wanted)
    const files = ['requirements.txt', 'constraints.txt'].map((file) => path.join(folder, file))
    await outside.files.writeText(files[0] ?? '', requirements)
    await outside.files.writeText(files[1] ?? '', constraints)
    const call = {
      virtualenv,
      tools: outside,
      temporary: path.join(folder, 'pip'),
      variables: pipVariables(dependent),
      signal,
      timeout,
      // Nothing is built to be looked at.
      args: ['-U', '--only-binary', ':all:', '-r', files[0] ?? '', '-c', files[1] ?? ''],
    }
    return await changesOf(await resolvePackages('Asking pip what it would install', call), call)
  } finally {
    await outside.files.remove(folder)
    await outside.files.removeEmptyFolders(plans, outside.dataFolder)
  }
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

/** Exact versions as pip tells them, or else what the files say and why it is no more. */
const showInstall = async (
  dependent: Dependent,
  { folder }: FolderChange,
  compared: Shown,
  wanted: Requirements,
  signal: AbortSignal,
): Promise<Shown> => {
  const virtualenv = await usable(folder, dependent)
  if (typeof virtualenv === 'string') return { ...compared, warnings: [virtualenv, ...compared.warnings] }
  try {
    const python = [...(await ask(dependent, virtualenv, wanted, signal))]
    return { python, warnings: wanted.problems.map((problem) => `${problem}: it would be refused.`) }
  } catch (thrown) {
    signal.throwIfAborted()
    const why = `Exact versions are known only when they are installed: ${messageOf(thrown)}`
    return { ...compared, warnings: [why, ...compared.warnings] }
  }
}

const nothingWanted: Requirements = {
  wanted: [],
  constraints: [],
  options: [],
  sources: [],
  restless: false,
  problems: [],
}

/**
 * Python packages that would change; absent when the application has none, or they cannot be told.
 * @param before null: nothing of it counts, or it cannot be read
 * @param after null: not known yet
 */
export const showPython = async (
  dependent: Dependent,
  change: FolderChange | null,
  before: Requirements | null,
  after: Requirements | null,
  signal: AbortSignal,
): Promise<Shown> => {
  const file = dependent.options.requirements
  if (file === undefined || dependent.options.virtualenv === undefined) return { warnings: [] }
  if (change?.how === 'exchange') return showExchange(dependent, change)
  if (after === null) return { warnings: [] }
  const { changes = [], warnings } = compareRequirements(before ?? nothingWanted, after, file)
  if (change === null) return { python: [], warnings: [...warnings] }
  return showInstall(dependent, change, { python: changes, warnings: [...warnings] }, after, signal)
}
