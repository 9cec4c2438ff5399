import path from 'node:path'
import type { DependencyOptions } from '../../dependencies/wishes.js'
import { readVirtualenv } from '../../python/virtualenv.js'
import type { UpdaterSurroundings } from '../contract.js'

/** An application that depends on something. */
export interface Dependent {
  readonly name: string
  /** How lines about it begin. */
  readonly label: string
  /** Where it lies. */
  readonly folder: string
  readonly options: DependencyOptions & {
    readonly venv_args?: string
    readonly pip_environment_variables?: Readonly<Record<string, unknown>>
  }
  readonly outside: UpdaterSurroundings
}

export const modulesFolder = ({ folder }: Pick<Dependent, 'folder'>): string =>
  path.join(folder, 'node_modules')

/** Most applications depend on nothing that is known here. */
export const hasDependencies = ({ options }: Pick<Dependent, 'options'>): boolean =>
  options.virtualenv !== undefined ||
  options.system_dependencies !== undefined ||
  options.install_script !== undefined ||
  options.enable_node_updates === true

/** What pip is told by its environment. */
export const pipVariables = ({ options }: Pick<Dependent, 'options'>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(options.pip_environment_variables ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )

/** Why nothing in its virtualenv can be started; null when it can, or there is none. */
export const virtualenvProblem = async ({ options, outside }: Dependent): Promise<string | null> => {
  if (options.virtualenv === undefined) return null
  return (await readVirtualenv(options.virtualenv, outside))?.problem ?? null
}
