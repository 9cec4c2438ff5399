import { stat } from 'node:fs/promises'
import path from 'node:path'
import type {
  UpdateManagerGitRepoOptions,
  UpdateManagerOverrideOptions,
} from '../contract/generated/types.js'
import { folderProblem, lacksInterpreter, virtualenvAround, type Surroundings } from './application-parts.js'
import { pinProblem } from './checks.js'
import { refusal } from './ini.js'
import { expandHome, followSymlinks, pathProblem } from './paths.js'
import { SectionReader, type ReaderSetup } from './section-reader.js'

/** Klipper and Moonraker need no section of their own: this is what is known of them. */
const known = {
  klipper: {
    origin: 'https://github.com/Klipper3d/klipper.git',
    moved_origin: 'https://github.com/kevinoconnor/klipper.git',
    requirements: 'scripts/klippy-requirements.txt',
    venv_args: '-p python3',
    install_script: 'scripts/install-octopi.sh',
  },
  moonraker: {
    origin: 'https://github.com/arksine/moonraker.git',
    requirements: 'scripts/moonraker-requirements.txt',
    venv_args: '-p python3',
    system_dependencies: 'scripts/system-dependencies.json',
    pip_environment_variables: { SKIP_CYTHON: 'Y' },
  },
} as const

export type BuiltinName = keyof typeof known

/** Where an installation is. */
export interface Installation {
  /** The checkout, absolute. */
  readonly path: string
  /** The python executable of its virtualenv, absolute. */
  readonly env?: string | undefined
  /** The virtualenv itself; null when the interpreter is of none, and then no Python packages are looked after. */
  readonly virtualenv?: string | null | undefined
}

/** An installation, with the virtualenv that its interpreter is of. */
export const installationAt = async (folder: string, env: string | undefined): Promise<Installation> => ({
  path: folder,
  env,
  virtualenv: env === undefined ? null : await virtualenvAround(env),
})

/**
 * The options of Klipper or Moonraker as a git_repo. Pure: Klipper itself can report its path later.
 * @param overrides [update_manager NAME], with the channel of [update_manager] where it names none
 */
export const builtinOptions = (
  name: BuiltinName,
  installation: Installation,
  overrides: UpdateManagerOverrideOptions,
): UpdateManagerGitRepoOptions => {
  const rest = Object.fromEntries(
    Object.entries(overrides).filter(([option]) => option !== 'path' && option !== 'env'),
  )
  return {
    type: 'git_repo',
    channel: 'dev',
    report_anomalies: true,
    info_tags: [],
    enable_node_updates: false,
    is_system_service: true,
    primary_branch: 'master',
    managed_services: [name],
    ...known[name],
    path: installation.path,
    ...(installation.env === undefined ? {} : { env: installation.env }),
    ...(typeof installation.virtualenv === 'string' ? { virtualenv: installation.virtualenv } : {}),
    ...rest,
  }
}

export interface ReadBuiltin {
  /** Null for a broken section: then the application is left alone. */
  readonly overrides: UpdateManagerOverrideOptions | null
  readonly installation: Installation | null
  readonly parsed: Readonly<Record<string, unknown>>
  readonly warnAboutRest: () => void
}

const checkout = async (
  text: string,
  reader: SectionReader<'update_manager.override'>,
  around: Surroundings,
): Promise<string> => {
  const expanded = expandHome(text, around.homeFolder)
  if (!path.isAbsolute(expanded))
    throw reader.fault('path', `must be absolute or begin with ~/, not '${text}'`)
  const folder = await followSymlinks(path.normalize(expanded))
  const problem = await pathProblem(folder, 'any')
  if (problem !== null) {
    throw refusal(
      `Invalid path for option \`path\` in section [${reader.name}]: Path \`${folder}\` ${problem}`,
    )
  }
  const wrong = folderProblem(folder, around)
  if (wrong !== null) throw reader.fault('path', wrong)
  return folder
}

const interpreter = async (
  text: string,
  reader: SectionReader<'update_manager.override'>,
  around: Surroundings,
): Promise<string> => {
  const expanded = expandHome(text, around.homeFolder)
  if (!path.isAbsolute(expanded))
    throw reader.fault('env', `must be absolute or begin with ~/, not '${text}'`)
  const problem = await pathProblem(expanded, 'executable')
  if (problem === null || (await lacksInterpreter(expanded))) return expanded
  throw refusal(
    `Invalid path for option \`env\` in section [${reader.name}]: Path \`${expanded}\` ${problem}`,
  )
}

/** compat: Moonraker reads only what is there, and shows it as text. */
const readGiven = (reader: SectionReader<'update_manager.override'>): UpdateManagerOverrideOptions => {
  for (const option of [
    'channel',
    'pinned_commit',
    'refresh_interval',
    'report_anomalies',
    'path',
    'env',
  ] as const) {
    const text = reader.text(option)
    if (text === null) continue
    reader.read(option)
    reader.parsed[option] = text.value
  }
  const pin = reader.finish().pinned_commit?.toLowerCase()
  const problem = pin === undefined ? null : pinProblem(pin)
  if (problem !== null) throw reader.fault('pinned_commit', problem)
  reader.set('pinned_commit', pin)
  return reader.finish()
}

const isCheckout = async (folder: string): Promise<boolean> =>
  (await stat(path.join(folder, '.git')).catch(() => null)) !== null

const found = async (
  name: BuiltinName,
  reader: SectionReader<'update_manager.override'>,
  around: Surroundings,
): Promise<Installation | null> => {
  const { path: written, env } = reader.finish()
  const usual = path.join(around.homeFolder, name)
  const executable = env === undefined ? undefined : await interpreter(env, reader, around)
  if (written !== undefined) return installationAt(await checkout(written, reader, around), executable)
  if (name === 'moonraker' && (await isCheckout(usual)))
    return installationAt(await followSymlinks(usual), executable)
  return null
}

/**
 * Reads [update_manager klipper] or [update_manager moonraker], there or not.
 * @param general what [update_manager] says of both; null when it is not to be trusted
 */
export const readBuiltin = async (
  name: BuiltinName,
  general: Pick<UpdateManagerOverrideOptions, 'channel'> | null,
  setup: ReaderSetup,
  around: Surroundings,
): Promise<ReadBuiltin> => {
  const reader = new SectionReader('update_manager.override', `update_manager ${name}`, setup)
  try {
    const given = readGiven(reader)
    const installation = general === null ? null : await found(name, reader, around)
    const overrides = general === null ? null : { ...general, ...given }
    return { overrides, installation, parsed: reader.parsed, warnAboutRest: () => reader.warnAboutUnread() }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    setup.warn(`[update_manager]: Failed to load extension ${name}: ${reason}`)
    return {
      overrides: null,
      installation: null,
      parsed: reader.parsed,
      warnAboutRest: () => reader.warnAboutUnparsed(),
    }
  }
}
