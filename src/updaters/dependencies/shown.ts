import type { ApplicationPlan, DependencyWork, FolderChange } from '../../contract/generated/types.js'
import { compareLocks } from '../../dependencies/comparison.js'
import type { PackagePlan, PackageProvider } from '../../machine/packages/provider.js'
import type { SourceTree } from '../../dependencies/source-tree.js'
import { readWishes, type Wishes } from '../../dependencies/wishes.js'
import { virtualenvSize } from '../../python/kept-virtualenv.js'
import type { SurveyContext } from '../contract.js'
import { hasDependencies, type Dependent } from './dependent.js'
import { installTask, packageObstacle, providerOf } from './package-plan.js'
import { showPython } from './shown-python.js'

/** Of two versions: null where one cannot be read before the operation runs. */
export interface Versions {
  readonly from: SourceTree | null
  readonly to: SourceTree | null
}

/** The part of a plan that tells of dependencies. */
export interface ShownDependencies {
  /** Absent where there are none of that kind, or they cannot be told. */
  readonly shown: Pick<ApplicationPlan, 'python' | 'node'>
  readonly packages: ApplicationPlan['packages']
  readonly warnings: readonly string[]
  /** Bytes that are needed on the disk for them. */
  readonly room: number
}

const noPackages: ApplicationPlan['packages'] = { install: [], upgrade: [], remove: [] }

export const nothingShown: ShownDependencies = { shown: {}, packages: noPackages, warnings: [], room: 0 }

/** What is new at the sources may be what is missing. */
const askProvider = async (
  provider: PackageProvider,
  missing: readonly string[],
  signal: AbortSignal,
): Promise<PackagePlan> => {
  const context = { signal, say: () => undefined }
  const plan = await provider.simulate(installTask(missing), context)
  if (plan.unknown.length === 0) return plan
  await provider.refresh(context)
  return provider.simulate(installTask(missing), context)
}

const packagesOf = async (
  dependent: Dependent,
  work: DependencyWork | null,
  signal: AbortSignal,
): Promise<Pick<ApplicationPlan, 'packages' | 'warnings'>> => {
  const { packages: names, missing } = work ?? { packages: [], missing: [] }
  const provider = names.length === 0 ? null : await providerOf(dependent)
  if (names.length > 0 && provider === null) {
    const text = `Packages of the operating system are not managed here. See that these are installed: ${names.join(' ')}`
    return { packages: noPackages, warnings: [text] }
  }
  if (provider === null || missing.length === 0) return { packages: noPackages, warnings: [] }
  const plan = await askProvider(provider, missing, signal)
  const obstacle = packageObstacle(missing, plan)
  const packages = { install: [...plan.install], upgrade: [...plan.upgrade], remove: [] }
  const refused = obstacle === null ? [] : [`It would be refused: ${obstacle}`]
  return {
    packages,
    warnings: [...refused, 'Packages that are installed for it stay, also when it is undone.'],
  }
}

/** What will be there twice: the copy of what is changed in place, or what is made anew beside what is kept. */
const doubled = (change: FolderChange | null): readonly string[] => {
  if (change === null || change.how === 'exchange') return []
  return change.how === 'copy' && change.from !== null ? [change.from] : [change.folder]
}

const sizeOf = async (
  { outside }: Dependent,
  work: DependencyWork | null,
  signal: AbortSignal,
): Promise<number> => {
  let room = 0
  for (const folder of [work?.python ?? null, work?.node ?? null].flatMap(doubled)) {
    if ((await outside.files.stat(folder)) === null) continue
    room += (await virtualenvSize(folder, outside, signal)) ?? 0
  }
  return room
}

const nodeOf = (
  { options }: Dependent,
  before: Wishes | null,
  after: Wishes | null,
): Pick<ApplicationPlan, 'node' | 'warnings'> => {
  if (options.enable_node_updates !== true || before === null || after === null) return { warnings: [] }
  const { changes, warnings } = compareLocks(before.lock, after.lock)
  return { ...(changes === undefined ? {} : { node: changes }), warnings: [...warnings] }
}

const later = 'Whether what it depends on changes is known only when the new version is here.'

const downloads = (change: FolderChange | null, packages: ApplicationPlan['python']): boolean =>
  (change?.how === 'install' || change?.how === 'remake') && packages?.length !== 0

/** pip and npm tell no sizes before. */
const unmeasured = (
  work: DependencyWork | null,
  { python, node }: Pick<ApplicationPlan, 'python' | 'node'>,
): readonly string[] =>
  work !== null && (downloads(work.python, python) || downloads(work.node, node))
    ? ['How much is downloaded for what it depends on is not known before.']
    : []

/** What only people want to know. */
const detailsOf = async (
  dependent: Dependent,
  work: DependencyWork | null,
  { from, to }: Versions,
  signal: AbortSignal,
): Promise<Pick<ApplicationPlan, 'python' | 'node' | 'warnings'>> => {
  const system = await dependent.outside.operatingSystem()
  const wishesIn = (tree: SourceTree | null): Promise<Wishes | null> =>
    tree === null ? Promise.resolve(null) : readWishes(tree, dependent.options, system)
  const [before, after] = [await wishesIn(from), await wishesIn(to)]
  const python = await showPython(
    dependent,
    work?.python ?? null,
    before?.python ?? null,
    after?.python ?? null,
    signal,
  )
  const node = nodeOf(dependent, before, after)
  const leftOut = (after?.packages.problems ?? []).map((problem) => `${problem}.`)
  const warnings = [...leftOut, ...python.warnings, ...node.warnings]
  return { ...python, ...node, warnings: [...warnings, ...unmeasured(work, { ...python, ...node })] }
}

/** @throws what a package manager fails with, GitError */
export const showDependencies = async (
  dependent: Dependent,
  work: DependencyWork | null,
  versions: Versions,
  { shown, signal }: Pick<SurveyContext, 'shown' | 'signal'>,
): Promise<ShownDependencies> => {
  if (!hasDependencies(dependent)) return nothingShown
  const { packages, warnings } = await packagesOf(dependent, work, signal)
  const room = await sizeOf(dependent, work, signal)
  if (!shown) return { shown: {}, packages, warnings, room }
  const { warnings: more, ...details } = await detailsOf(dependent, work, versions, signal)
  const unknown = work === null || work.known ? [] : [later]
  return { shown: details, packages, room, warnings: [...unknown, ...warnings, ...more] }
}
