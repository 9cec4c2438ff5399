import path from 'node:path'
import type { OperatingSystem } from './operating-system.js'
import { asksForMore, readRequirements, type Requirements } from './requirements.js'
import type { SourceTree } from './source-tree.js'
import {
  noPackages,
  parseInstallScript,
  parseSystemDependencies,
  type SystemPackages,
} from './system-packages.js'

/** Which files of an application name what it depends on. As the configuration has them. */
export interface DependencyOptions {
  readonly virtualenv?: string
  readonly requirements?: string
  readonly system_dependencies?: string
  readonly install_script?: string
  readonly enable_node_updates?: boolean
}

/** What one version of an application depends on. */
export interface Wishes {
  /** null: it has no virtualenv. */
  readonly python: Requirements | null
  readonly packages: SystemPackages
  /** The text of package-lock.json; null when there is none, or Node is not asked for. */
  readonly lock: string | null
}

export const lockFile = 'package-lock.json'

const packagesIn = async (
  tree: SourceTree,
  { system_dependencies: json, install_script: script }: DependencyOptions,
  system: OperatingSystem,
): Promise<SystemPackages> => {
  const file = json ?? script
  if (file === undefined) return noPackages
  const found = await tree.read(path.normalize(file))
  if ('problem' in found)
    return { names: [], problems: found.problem === 'absent' ? [] : [`${file} cannot be read`] }
  const { names, problems } =
    json === undefined ? parseInstallScript(found.text) : parseSystemDependencies(found.text, system)
  return { names, problems: problems.map((problem) => `${file}: ${problem}`) }
}

const lockIn = async (tree: SourceTree): Promise<string | null> => {
  const found = await tree.read(lockFile)
  return 'text' in found ? found.text : null
}

/** What the version that lies in a tree depends on. What is not there is asked for by nobody. */
export const readWishes = async (
  tree: SourceTree,
  options: DependencyOptions,
  system: OperatingSystem,
): Promise<Wishes> => {
  const { virtualenv, requirements, enable_node_updates: node } = options
  const hasPython = virtualenv !== undefined && requirements !== undefined
  return {
    python: hasPython ? await readRequirements(tree, requirements) : null,
    packages: await packagesIn(tree, options, system),
    lock: node === true ? await lockIn(tree) : null,
  }
}

/** What is to be installed when one version takes the place of another. */
export interface Work {
  readonly python: boolean
  /** Names, whether they are installed or not. */
  readonly packages: readonly string[]
  readonly node: boolean
}

/** @param from null: nothing is known of it, so all is to be installed */
export const workBetween = (from: Wishes | null, to: Wishes): Work => {
  if (from === null)
    return { python: to.python !== null, packages: to.packages.names, node: to.lock !== null }
  return {
    python: to.python !== null && (from.python === null || asksForMore(from.python, to.python)),
    packages: to.packages.names.filter((name) => !from.packages.names.includes(name)),
    node: to.lock !== null && from.lock !== to.lock,
  }
}
