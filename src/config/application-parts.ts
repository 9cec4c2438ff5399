import { lstat } from 'node:fs/promises'
import path from 'node:path'
import { insideProblem, variableProblem } from './checks.js'
import { expandHome, followSymlinks, isWithin, pathProblem } from './paths.js'
import type { SectionReader } from './section-reader.js'
import { isServiceAllowed, servicesFile } from './services.js'
import { refusal } from './ini.js'

/** What applications are read against. */
export interface Surroundings {
  readonly homeFolder: string
  readonly dataPath: string
  readonly allowedServices: readonly string[]
}

type WithPath =
  'update_manager.git_repo' | 'update_manager.web' | 'update_manager.zip' | 'update_manager.executable'
type WithVirtualenv = 'update_manager.git_repo' | 'update_manager.zip' | 'update_manager.python'
type WithDependencies = 'update_manager.git_repo' | 'update_manager.zip'
type WithSystemDependencies = WithDependencies | 'update_manager.executable'
type WithServices = WithSystemDependencies | 'update_manager.python'

/** compat: Python's way to write a list of strings. */
export const pythonList = (items: readonly string[]): string =>
  `[${items.map((item) => `'${item}'`).join(', ')}]`

const verifyPath = async (
  section: string,
  option: string,
  target: string,
  kind: 'any' | 'file' | 'executable',
): Promise<void> => {
  const problem = await pathProblem(target, kind)
  if (problem === null) return
  // compat: Moonraker's words
  throw refusal(
    `Invalid path for option \`${option}\` in section [${section}]: Path \`${target}\` ${problem}`,
  )
}

/** An update replaces the folder's contents: it must not hold what is not the application's. */
export const folderProblem = (folder: string, around: Surroundings): string | null => {
  for (const precious of [around.homeFolder, around.dataPath]) {
    if (isWithin(precious, folder))
      return `must be the application's own folder, not one that holds ${precious}`
  }
  return null
}

/** The application's folder: absolute, existing, symlinks followed. */
export const readPath = async (reader: SectionReader<WithPath>, around: Surroundings): Promise<string> => {
  const expanded = expandHome(reader.required('path'), around.homeFolder)
  if (!path.isAbsolute(expanded))
    throw reader.fault('path', `must be absolute or begin with ~/, not '${expanded}'`)
  const folder = await followSymlinks(path.normalize(expanded))
  await verifyPath(reader.name, 'path', folder, 'any')
  const problem = folderProblem(folder, around)
  if (problem !== null) throw reader.fault('path', problem)
  reader.set('path', folder)
  return folder
}

/** A link that leads nowhere: the interpreter went with an upgrade of the operating system. A recovery mends that. */
export const lacksInterpreter = async (python: string): Promise<boolean> => {
  const own = await lstat(python).catch(() => null)
  return own?.isSymbolicLink() === true && (await pathProblem(python, 'any')) !== null
}

const virtualenvOf = async (
  reader: SectionReader<WithVirtualenv>,
  folder: string,
  around: Surroundings,
): Promise<string | null> => {
  if (reader.has('virtualenv')) {
    const target = path.resolve(folder, expandHome(reader.required('virtualenv'), around.homeFolder))
    await verifyPath(reader.name, 'virtualenv', target, 'any')
    return target
  }
  if (!reader.has('env')) return null
  const executable = path.resolve(folder, expandHome(reader.required<'env'>('env'), around.homeFolder))
  if (!(await lacksInterpreter(executable))) await verifyPath(reader.name, 'env', executable, 'executable')
  return followSymlinks(path.dirname(path.dirname(executable)))
}

const virtualenvProblem = async (virtualenv: string): Promise<string | null> => {
  for (const [part, kind] of [
    ['bin/activate', 'file'],
    ['bin/python', 'executable'],
  ] as const) {
    const at = path.join(virtualenv, part)
    const problem = await pathProblem(at, kind)
    if (problem !== null && !(kind === 'executable' && (await lacksInterpreter(at))))
      return `${at} ${problem}`
  }
  return null
}

/** The virtualenv that an interpreter is of, symlinks followed; null for the operating system's own. */
export const virtualenvAround = async (executable: string): Promise<string | null> => {
  const virtualenv = await followSymlinks(path.dirname(path.dirname(executable)))
  return (await virtualenvProblem(virtualenv)) === null ? virtualenv : null
}

/**
 * The virtualenv, absolute; null when there is none.
 * @param folder what a relative one is relative to
 */
export const readVirtualenv = async (
  reader: SectionReader<WithVirtualenv>,
  folder: string,
  around: Surroundings,
): Promise<string | null> => {
  const virtualenv = await virtualenvOf(reader, folder, around)
  if (virtualenv !== null) {
    const problem = await virtualenvProblem(virtualenv)
    if (problem !== null) throw reader.fault('virtualenv', `must be a Python virtualenv: ${problem}`)
    reader.set('virtualenv', virtualenv)
  }
  reader.read('venv_args')
  const variables = reader.read('pip_environment_variables') as Record<string, string> | undefined
  for (const name of Object.keys(variables ?? {})) {
    const problem = variableProblem(name)
    if (problem !== null) throw reader.fault('pip_environment_variables', problem)
  }
  return virtualenv
}

const verifyInside = async <S extends WithSystemDependencies>(
  reader: SectionReader<S>,
  option: 'requirements' | 'system_dependencies' | 'install_script',
  relative: string,
  folder: string,
): Promise<void> => {
  const problem = insideProblem(path.normalize(relative))
  if (problem !== null) throw refusal(`option '${option}' in section [${reader.name}] ${problem}`)
  await verifyPath(reader.name, option, path.join(folder, relative), 'file')
}

/** @returns whether there are any */
export const readSystemDependencies = async (
  reader: SectionReader<WithSystemDependencies>,
  folder: string,
): Promise<boolean> => {
  const relative = reader.read('system_dependencies')
  if (relative === undefined) return false
  await verifyInside(reader, 'system_dependencies', relative, folder)
  return true
}

export const readDependencies = async (
  reader: SectionReader<WithDependencies>,
  folder: string,
  virtualenv: string | null,
): Promise<void> => {
  if (reader.read('enable_node_updates') === true) {
    await verifyPath(reader.name, 'enable_node_updates', path.join(folder, 'package-lock.json'), 'file')
  }
  if (virtualenv !== null) await verifyInside(reader, 'requirements', reader.required('requirements'), folder)
  if (await readSystemDependencies(reader, folder)) return
  const script = reader.read('install_script')
  if (script !== undefined) await verifyInside(reader, 'install_script', script, folder)
}

/** Which services an update restarts; only allowed ones are left. */
export const readServices = (
  reader: SectionReader<WithServices>,
  name: string,
  around: Surroundings,
): void => {
  const own = reader.read('is_system_service') === true ? [name] : []
  const given = reader.has('managed_services')
  let services = given ? (reader.read('managed_services') ?? []) : own
  reader.parsed['managed_services'] = services
  if (services.includes(name) && !isServiceAllowed(around.allowedServices, name)) {
    reader.warn(
      `[${reader.name}]: Moonraker is not permitted to restart service '${name}'.  To enable management of this ` +
        `service add ${name} to the bottom of the file ${servicesFile(around.dataPath)}.  To disable management for ` +
        "this service set 'is_system_service: False' in the configuration for this section.",
    )
    services = []
  }
  const choices = [name, 'klipper', 'moonraker']
  const wrong = services.find((service) => !choices.includes(service))
  if (wrong !== undefined) {
    reader.warn(
      `[${reader.name}]: Option 'managed_services: ${services.join(' ')}' contains an invalid value '${wrong}'.  ` +
        `All values must be one of the following choices: ${pythonList(choices)}`,
    )
  }
  reader.set(
    'managed_services',
    [...new Set(choices)].filter((service) => services.includes(service)),
  )
}
