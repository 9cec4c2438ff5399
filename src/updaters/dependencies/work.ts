import path from 'node:path'
import type { DependencyWork, FolderChange, KeptFolder } from '../../contract/generated/types.js'
import type { SourceTree } from '../../dependencies/source-tree.js'
import { readWishes, workBetween, type Work } from '../../dependencies/wishes.js'
import { realFolder } from '../../python/kept-virtualenv.js'
import { readVirtualenv } from '../../python/virtualenv.js'
import { hasDependencies, modulesFolder, type Dependent } from './dependent.js'
import { holdFor } from './hold.js'
import { isMissedByNeighbours } from './neighbours.js'
import { missingPackages } from './package-plan.js'

/** What a version that was left had, where that is not what is in use now. */
export interface KeptDependencies {
  readonly virtualenv?: KeptFolder
  readonly modules?: KeptFolder
}

/** From what to what an operation goes. */
export interface Passage {
  /** null: nothing of it counts, all is installed. */
  readonly from: SourceTree | null
  /** null: it is not there yet. Then it is found out when it is. */
  readonly to: SourceTree | null
  /** Kept with the version that is gone to. */
  readonly kept: KeptDependencies
  /** Names what is kept of the version that is left. */
  readonly stamp: string
  /** True when a virtualenv that cannot be used is made anew. */
  readonly mends: boolean
}

const nothing: Work = { python: false, packages: [], node: false }
const perhaps = ({ options }: Dependent): Work => ({
  python: options.virtualenv !== undefined,
  packages: [],
  node: options.enable_node_updates === true,
})

const wanted = async (dependent: Dependent, { from, to }: Passage): Promise<Work> => {
  if (to === null) return perhaps(dependent)
  const system = await dependent.outside.operatingSystem()
  const before = from === null ? null : await readWishes(from, dependent.options, system)
  return workBetween(before, await readWishes(to, dependent.options, system))
}

type Found = Pick<FolderChange, 'folder' | 'kept' | 'inode'>

const find = async (dependent: Dependent, folder: string, name: string): Promise<Found> => {
  const hold = await holdFor(dependent, folder)
  const inode = (await dependent.outside.files.stat(folder))?.ino ?? 0
  return { folder, kept: path.join(hold, name), inode }
}

/** Where the kept one lies; null when there is none for this place any more. */
const keptFor = async (
  { outside }: Dependent,
  folder: string,
  kept: KeptFolder | undefined,
): Promise<string | null> => {
  if (kept?.folder !== folder) return null
  return (await outside.files.stat(kept.at)) === null ? null : kept.at
}

const isBroken = async ({ outside }: Dependent, folder: string): Promise<boolean> => {
  const found = await readVirtualenv(folder, outside)
  return found === null || found.problem !== null
}

const pythonWork = async (
  dependent: Dependent,
  { kept, stamp, mends }: Passage,
  needed: boolean,
): Promise<FolderChange | null> => {
  const { options, outside } = dependent
  if (options.virtualenv === undefined || options.requirements === undefined) return null
  const folder = await realFolder(options.virtualenv, outside)
  const change = async (how: FolderChange['how'], from: string | null): Promise<FolderChange> => ({
    how,
    ...(await find(dependent, folder, `virtualenv-${stamp}`)),
    from,
  })
  if (mends && (await isBroken(dependent, folder))) return change('remake', null)
  const from = await keptFor(dependent, folder, kept.virtualenv)
  // What others have installed in it since then stays.
  const isMissed = from !== null && (await isMissedByNeighbours(folder, from, outside))
  if (from === null || isMissed) return needed ? change('install', null) : null
  // One that was made for an interpreter that is gone helps nobody.
  return (await isBroken(dependent, from)) ? change('install', null) : change('exchange', from)
}

const nodeWork = async (
  dependent: Dependent,
  { kept, stamp }: Passage,
  needed: boolean,
): Promise<FolderChange | null> => {
  const folder = modulesFolder(dependent)
  const from = await keptFor(dependent, folder, kept.modules)
  if (!needed && from === null) return null
  const how = from === null ? 'install' : 'exchange'
  return { how, ...(await find(dependent, folder, `modules-${stamp}`)), from }
}

/**
 * What an operation has to do about dependencies; null when that is nothing.
 * @throws refused when what is there could not be kept
 */
export const findWork = async (dependent: Dependent, passage: Passage): Promise<DependencyWork | null> => {
  const needed = hasDependencies(dependent) ? await wanted(dependent, passage) : nothing
  const python = await pythonWork(dependent, passage, needed.python)
  const node = await nodeWork(dependent, passage, needed.node)
  const known = passage.to !== null
  if (python === null && node === null && needed.packages.length === 0 && (known || !hasPackages(dependent)))
    return null
  const missing = await missingPackages(dependent, needed.packages)
  return { known, packages: [...needed.packages], missing: [...missing], python, node }
}

const hasPackages = ({ options }: Dependent): boolean =>
  (options.system_dependencies ?? options.install_script) !== undefined
