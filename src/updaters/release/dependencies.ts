import path from 'node:path'
import type { DependencyWork, FolderChange } from '../../contract/generated/types.js'
import { MoonkeeperError } from '../../contract/error.js'
import { folderTree, type SourceTree } from '../../dependencies/source-tree.js'
import { lockFile } from '../../dependencies/wishes.js'
import { settleFolder } from '../../system/exchange.js'
import type { Step, SurveyContext } from '../contract.js'
import { modulesFolder, virtualenvProblem, type Dependent } from '../dependencies/dependent.js'
import { modulesName, runNpm } from '../dependencies/node-steps.js'
import { nothingShown, showDependencies, type ShownDependencies } from '../dependencies/shown.js'
import { dependencySteps } from '../dependencies/steps.js'
import { findWork, type KeptDependencies } from '../dependencies/work.js'
import type { Place } from './place.js'
import { stagedFolder, stagedFor } from './staged.js'
import type { ReleaseState, Target } from './state.js'

const modules = 'node_modules'

const dependentOf = ({ name, title, options, outside }: Place): Dependent => ({
  name,
  label: `${title} ${name}`,
  folder: options.path,
  options,
  outside,
})

/** Where the version lies that is gone to; null as long as it is not here. */
const folderOf = async (place: Place, { from, release }: Target): Promise<string | null> => {
  if (from !== null || release === null) return from
  return (await stagedFor(place, release)) === null ? null : stagedFolder(place)
}

const lockIn = async (tree: SourceTree): Promise<string | null> => {
  const found = await tree.read(lockFile)
  return 'text' in found ? found.text : null
}

/** What npm installed lies in the version's own folder, and stays with it. */
const modulesWork = async (place: Place, { from }: Target, source: string): Promise<FolderChange | null> => {
  const { files } = place.outside
  const here = modulesFolder({ folder: place.options.path })
  const isThere = async (folder: string): Promise<boolean> =>
    (await files.stat(path.join(folder, modules))) !== null
  const lock = await lockIn(folderTree(source, files))
  if (place.options.enable_node_updates !== true || lock === null) return null
  const differs = lock !== (await lockIn(folderTree(place.options.path, files)))
  if (from !== null ? await isThere(from) : !differs && (await isThere(source))) return null
  const copies = !differs && (await isThere(place.options.path))
  return { how: copies ? 'copy' : 'install', folder: here, kept: '', inode: 0, from: copies ? here : null }
}

const keptWith = ({ kept }: ReleaseState, { from }: Target): KeptDependencies =>
  from === null ? {} : (kept.find(({ folder }) => folder === from) ?? {})

/** The target with what is to be done about dependencies, as far as that is known. @throws refused */
export const withDependencies = async (
  place: Place,
  state: ReleaseState,
  target: Target,
): Promise<Target> => {
  // A program comes alone: what it depends on stands beside it, and does not change.
  const source = place.type === 'zip' ? await folderOf(place, target) : null
  if (source === null) return target
  const { outside, options } = place
  const work = await findWork(
    { ...dependentOf(place), options: { ...options, enable_node_updates: false } },
    {
      from: folderTree(options.path, outside.files),
      to: folderTree(source, outside.files),
      kept: keptWith(state, target),
      stamp: target.stamp,
      // There is no recovery for this type.
      mends: true,
    },
  )
  const node = await modulesWork(place, target, source)
  const none = { known: true, packages: [], missing: [], python: null }
  return { ...target, dependencies: node === null ? work : { ...(work ?? none), node } }
}

/** What is wrong with its virtualenv, for people. */
export const virtualenvWarnings = async (place: Place): Promise<readonly string[]> => {
  const problem = await virtualenvProblem(dependentOf(place))
  if (problem === null) return []
  return [
    `The virtualenv ${place.options.virtualenv ?? ''} cannot be used: ${problem}. The operating system was upgraded, ` +
      'perhaps. The next update makes it anew.',
  ]
}

/** What is kept apart from the version's folder. */
export const onlyPython = (work: DependencyWork | null): DependencyWork | null =>
  work === null ? null : { ...work, node: null }

/** Into the other version, before it takes its place: there the old one has them still. */
export const copyModulesSteps = (place: Place, { dependencies }: Target, source: string): readonly Step[] => {
  const { files, commands } = place.outside
  const from = dependencies?.node?.how === 'copy' ? dependencies.node.from : null
  const target = path.join(source, modules)
  if (from === null) return []
  return [
    {
      name: 'copy Node packages',
      async run({ signal }) {
        await files.remove(target)
        const argv = ['cp', '-a', '--reflink=auto', '--', from, target] as const
        const result = await commands.run(argv, { timeout: 900_000, signal })
        signal.throwIfAborted()
        if (result.code !== 0)
          throw new MoonkeeperError('command_failed', `${from} could not be copied: ${result.stderr.trim()}`)
      },
      undo: () => files.remove(target),
    },
  ]
}

/** Without an undo: where npm ran goes away as a whole. */
const npmStep = (dependent: Dependent): Step => ({
  name: modulesName,
  async run(context) {
    await runNpm(dependent, context)
    await settleFolder(dependent.outside, dependent.folder)
  },
})

export const releaseDependencySteps = (place: Place, { dependencies }: Target): readonly Step[] => {
  const dependent = dependentOf(place)
  const steps = dependencySteps(dependent, onlyPython(dependencies))
  return dependencies?.node?.how === 'install' ? [...steps, npmStep(dependent)] : steps
}

const later = 'Whether what it depends on changes is known only when it is here.'

/** The same for people. */
export const shownDependencies = async (
  place: Place,
  target: Target | null,
  context: SurveyContext,
): Promise<ShownDependencies> => {
  if (target === null || place.type !== 'zip') return nothingShown
  const { files } = place.outside
  const dependent = dependentOf(place)
  const source = await folderOf(place, target)
  const versions = {
    from: folderTree(place.options.path, files),
    to: source === null ? null : folderTree(source, files),
  }
  const found = await showDependencies(dependent, target.dependencies, versions, context)
  const isUnknown = source === null && context.shown && found !== nothingShown
  return isUnknown ? { ...found, warnings: [later, ...found.warnings] } : found
}
