import path from 'node:path'
import type { UpdaterSurroundings } from '../contract.js'
import { forgeSource } from './forge-source.js'
import type { ReleaseSource } from './source.js'

export type ReleaseType = 'web' | 'zip' | 'executable'

/** The options that every type of release has. */
export interface ReleaseOptions {
  readonly path: string
  readonly repo: string
  readonly channel: 'stable' | 'beta'
  readonly report_anomalies: boolean
  readonly info_tags: readonly string[]
  readonly persistent_files?: readonly string[]
  readonly managed_services?: readonly string[]
  readonly virtualenv?: string
  readonly requirements?: string
  readonly system_dependencies?: string
  readonly install_script?: string
  readonly enable_node_updates?: boolean
  readonly venv_args?: string
  readonly pip_environment_variables?: Readonly<Record<string, unknown>>
}

/** An application that comes as a release, and where its parts lie. */
export interface Place {
  readonly name: string
  readonly type: ReleaseType
  readonly options: ReleaseOptions
  readonly outside: UpdaterSurroundings
  readonly source: ReleaseSource
  /** What people call this type. compat: as front ends know it. */
  readonly title: string
  /** Beside the application, on its file system: what is staged, and the versions that were left. */
  readonly hold: string
}

const titles: Readonly<Record<ReleaseType, string>> = {
  web: 'Web Client',
  zip: 'Zip Application',
  executable: 'Executable',
}

export const placeOf = (
  name: string,
  type: ReleaseType,
  options: ReleaseOptions,
  outside: UpdaterSurroundings,
): Place => ({
  name,
  type,
  options,
  outside,
  source: forgeSource,
  title: titles[type],
  hold: path.join(path.dirname(options.path), '.moonkeeper', name),
})

/**
 * What lies in the folder and is the user's: an update moves it to the other version. None lies in another one. What npm
 * installed belongs to the version.
 */
export const persistentOf = ({ options }: Place): readonly string[] => {
  const { persistent_files: files = [], virtualenv } = options
  const inside = virtualenv === undefined ? '' : path.relative(options.path, virtualenv)
  const isInside = inside !== '' && !inside.startsWith('..') && !path.isAbsolute(inside)
  const all = [...new Set([...files, ...(isInside ? [inside] : [])].map((name) => path.normalize(name)))]
  const own = all.filter((name) => options.enable_node_updates !== true || name !== 'node_modules')
  return own.filter((name) => !own.some((other) => name.startsWith(`${other}/`)))
}
