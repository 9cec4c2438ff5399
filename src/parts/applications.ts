import path from 'node:path'
import {
  builtinOptions,
  installationAt,
  type ApplicationSettings as Configured,
  type Configuration,
} from '../config/index.js'
import { Application, type ApplicationSettings, type Policy } from '../engine/application.js'
import type { Forges } from './forges.js'
import type { Restarts } from '../engine/restarts.js'
import type { JournalPart } from '../engine/transaction.js'
import { followSymlinks } from '../config/paths.js'
import type { Printer } from '../klippy/printer.js'
import type { Notices } from './notices.js'
import type { Files } from '../system/files.js'
import type { Json, Neighbour, Updater, UpdaterSurroundings } from '../updaters/contract.js'
import { updaterFactories } from '../updaters/index.js'

export interface ApplicationSurroundings {
  readonly updater: Omit<
    UpdaterSurroundings,
    'services' | 'warn' | 'generations' | 'forge' | 'signingKeys' | 'neighbours'
  >
  readonly forges: Forges
  readonly notices: Notices
  readonly restarts: Restarts
  readonly files: Files
  readonly dataFolder: string
}

/** What an application's updater warns of. */
export const noticeOf = (name: string): string => `application ${name}`

/** Warnings come from a look at the remote: the next one begins without those of the last. */
const withFreshNotices = (updater: Updater, notices: Notices): Updater => {
  const inspect = updater.inspect.bind(updater)
  updater.inspect = async (context) => {
    if (context.remote) notices.set(noticeOf(updater.name))
    await inspect(context)
  }
  return updater
}

/** What an updater has of [moonkeeper] and [moonkeeper NAME]. */
interface UpdaterPolicy {
  readonly generations: number
  readonly signingKeys: readonly string[]
  readonly apiUrl?: string | undefined
  readonly channelInvalid?: boolean
  readonly neighbours?: readonly Neighbour[]
}

const makeUpdater = (
  name: string,
  type: string,
  options: Json,
  own: UpdaterPolicy,
  outside: ApplicationSurroundings,
): Updater | null => {
  const factory = updaterFactories[type]
  if (factory === undefined) return null
  const surroundings = {
    ...outside.updater,
    services: outside.restarts.for(name),
    generations: own.generations,
    signingKeys: own.signingKeys,
    channelInvalid: own.channelInvalid === true,
    neighbours: own.neighbours ?? [],
    forge: outside.forges.at(own.apiUrl),
    warn: (text: string) => outside.notices.add(noticeOf(name), text),
  }
  return withFreshNotices(factory(name, options as never, surroundings), outside.notices)
}

/** Klipper where it says it runs from, when the configuration names no path. Only a git checkout can be updated. */
const reportedKlipper = async (
  configuration: Configuration,
  printer: Printer,
  files: Files,
): Promise<Configured | null> => {
  const { klipperOverrides: overrides, klipperOwn: own } = configuration
  const { install } = printer
  if (overrides === null || install === null) return null
  if ((await files.stat(path.join(install.path, '.git'))) === null) return null
  const installation = await installationAt(install.path, install.executable)
  const options = builtinOptions('klipper', installation, overrides)
  return {
    name: 'klipper',
    section: 'update_manager klipper',
    type: 'git_repo',
    options,
    channelInvalid: false,
    own,
  }
}

/** Its path is configured, and its interpreter is not: Klipper says that itself when it runs from there. */
const withInterpreter = async (
  configured: NonNullable<Configuration['klipper']>,
  { install }: Printer,
): Promise<NonNullable<Configuration['klipper']>> => {
  const { options } = configured
  if (options.env !== undefined || install === null) return configured
  if ((await followSymlinks(install.path)) !== options.path) return configured
  const { virtualenv } = await installationAt(options.path, install.executable)
  if (typeof virtualenv !== 'string') return configured
  return { ...configured, options: { ...options, env: install.executable, virtualenv } }
}

/** What has no section of its own. */
type Managed = Pick<Configured, 'name' | 'own' | 'channelInvalid'> & {
  readonly type: string
  readonly options: { readonly refresh_interval?: number | undefined }
}

/** The operating system's packages. What manages them makes no difference to what is known of them. */
const systemOf = ({ updateManager, systemOwn }: Configuration): Managed | null =>
  updateManager.enable_system_updates
    ? { name: 'system', type: 'system', options: {}, channelInvalid: false, own: systemOwn }
    : null

/** compat: the system, Moonraker, Klipper, then the applications in the order of the configuration. */
const inOrder = async (
  configuration: Configuration,
  printer: Printer,
  files: Files,
): Promise<readonly Managed[]> => {
  const configured = configuration.klipper
  const klipper =
    configured === null
      ? await reportedKlipper(configuration, printer, files)
      : await withInterpreter(configured, printer)
  const first = [systemOf(configuration), configuration.moonraker, klipper].filter(
    (settings) => settings !== null,
  )
  return [...first, ...configuration.applications]
}

/** What its own section does not say is as for all. */
const policyOf = ({ own }: Managed, { moonkeeper: all, autoUpdateIsSet }: Configuration): Policy => ({
  ...own,
  auto_update: own.auto_update ?? all.auto_update,
  autoUpdateIsSet: autoUpdateIsSet || own.auto_update !== undefined,
  generations: own.generations ?? all.generations,
  updateWindow: own.update_window ?? all.update_window ?? null,
  soakTime: own.soak_time ?? all.soak_time,
  maxFailures: all.max_failures,
})

/** What another application has to do with Python. */
const neighbourOf = ({ name, type, options }: Managed): Neighbour => {
  const { virtualenv, path: folder, requirements, project_name: project = name } = options as PythonOptions
  return {
    virtualenv,
    path: folder,
    requirements,
    project: type === 'python' ? withoutExtras(project) : undefined,
  }
}

interface PythonOptions {
  readonly virtualenv?: string
  readonly path?: string
  readonly requirements?: string
  readonly project_name?: string
}

const withoutExtras = (project: string): string => project.replace(/\[.*$/, '').trim()

const updaterPolicyOf = (
  { own, channelInvalid }: Managed,
  { moonkeeper: all }: Configuration,
  neighbours: readonly Neighbour[],
): UpdaterPolicy => ({
  neighbours,
  generations: own.generations ?? all.generations,
  signingKeys: own.signing_keys ?? all.signing_keys,
  apiUrl: own.api_url,
  channelInvalid,
})

const settingsOf = (configured: Managed, configuration: Configuration): ApplicationSettings => ({
  name: configured.name,
  type: configured.type,
  options: configured.options,
  policy: policyOf(configured, configuration),
  signingKeys: updaterPolicyOf(configured, configuration, []).signingKeys,
  refreshInterval: configured.options.refresh_interval ?? configuration.updateManager.refresh_interval,
})

/** Every configured application of a type that is served, with what was kept of it. */
export const applicationsFor = async (
  configuration: Configuration,
  printer: Printer,
  outside: ApplicationSurroundings,
): Promise<readonly Application[]> => {
  const applications: Application[] = []
  const all = await inOrder(configuration, printer, outside.files)
  for (const configured of all) {
    const settings = settingsOf(configured, configuration)
    const neighbours = all.filter((one) => one !== configured).map(neighbourOf)
    const own = updaterPolicyOf(configured, configuration, neighbours)
    const updater = makeUpdater(settings.name, settings.type, settings.options, own, outside)
    if (updater === null) continue
    const application = new Application(settings, updater, outside.dataFolder, outside.files)
    await application.load()
    applications.push(application)
  }
  return applications
}

/** How many versions stay, as it is configured now. Where that cannot be read none goes: the next update drops them. */
const generationsOf = (name: string, configuration: Configuration): number => {
  const { applications, klipper, moonraker, moonkeeper } = configuration
  const configured = [moonraker, klipper, ...applications].find((settings) => settings?.name === name)
  if (configured === undefined || configured === null) return Number.MAX_SAFE_INTEGER
  return configured.own.generations ?? moonkeeper.generations
}

/** The updater of an interrupted operation, with the options it had then. Versions that go are dropped when it is finished. */
export const rebuildUpdater = (
  record: JournalPart,
  configuration: Configuration,
  outside: ApplicationSurroundings,
): Updater | null => {
  const { application, type, options } = record
  const own = { generations: generationsOf(application, configuration), signingKeys: [] }
  return makeUpdater(application, type, options as unknown as Json, own, outside)
}

/** An application for the banner. */
export interface Shown {
  readonly name: string
  readonly version: string
  readonly remoteVersion: string
}

export const shownOf = (application: Application): Shown => {
  const status = application.status()
  return {
    name: application.name,
    version: status?.version ?? '?',
    remoteVersion: status?.remote_version ?? '?',
  }
}
