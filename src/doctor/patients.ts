import path from 'node:path'
import type { ApplicationSettings, Configuration } from '../config/index.js'
import type { Patient } from './check.js'

/** What Klipper says of itself; null until it did. */
export type KlipperInstall = { readonly path: string; readonly executable: string } | null

/** Of an interpreter's path: the environment that it is in, if it is in one. */
const environmentOf = (executable: string): string => path.dirname(path.dirname(executable))

interface Places {
  readonly path?: string
  readonly virtualenv?: string
  /** An interpreter. */
  readonly env?: string
}

const patientOf = ({ name, type, options }: ApplicationSettings): Patient => {
  const { path: folder, virtualenv, env } = options as Places
  return {
    name,
    folder: folder ?? null,
    isGit: type === 'git_repo',
    virtualenv: virtualenv ?? (env === undefined ? null : environmentOf(env)),
    isRecoverable: virtualenv !== undefined,
  }
}

/** Klipper where it says it runs from, when the configuration does not say. */
const reported = (
  { klipper, klipperOverrides }: Configuration,
  install: KlipperInstall,
): readonly Patient[] => {
  if (klipper !== null || klipperOverrides === null || install === null) return []
  const { path: folder, executable } = install
  return [
    { name: 'klipper', folder, isGit: true, virtualenv: environmentOf(executable), isRecoverable: false },
  ]
}

/** What the configuration manages. */
export const patientsOf = (configuration: Configuration, install: KlipperInstall): readonly Patient[] => {
  const { moonraker, klipper, applications } = configuration
  const known: readonly ApplicationSettings[] = [moonraker, klipper, ...applications].filter(
    (one) => one !== null,
  )
  return [...reported(configuration, install), ...known.map(patientOf)]
}
