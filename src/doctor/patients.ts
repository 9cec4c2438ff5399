import { installationAt, type ApplicationSettings, type Configuration } from '../config/index.js'
import type { Patient } from './check.js'

/** What Klipper says of itself; null until it did. */
export type KlipperInstall = { readonly path: string; readonly executable: string } | null

const patientOf = ({ name, type, options }: ApplicationSettings): Patient => {
  const { path: folder, virtualenv } = options as { readonly path?: string; readonly virtualenv?: string }
  return { name, folder: folder ?? null, isGit: type === 'git_repo', virtualenv: virtualenv ?? null }
}

/** Klipper where it says it runs from, when the configuration does not say. */
const reported = async (
  { klipper, klipperOverrides }: Configuration,
  install: KlipperInstall,
): Promise<readonly Patient[]> => {
  if (klipper !== null || klipperOverrides === null || install === null) return []
  const { path: folder, virtualenv = null } = await installationAt(install.path, install.executable)
  return [{ name: 'klipper', folder, isGit: true, virtualenv }]
}

/** What the configuration manages. */
export const patientsOf = async (
  configuration: Configuration,
  install: KlipperInstall,
): Promise<readonly Patient[]> => {
  const { moonraker, klipper, applications } = configuration
  const known: readonly ApplicationSettings[] = [moonraker, klipper, ...applications].filter(
    (one) => one !== null,
  )
  return [...(await reported(configuration, install)), ...known.map(patientOf)]
}
