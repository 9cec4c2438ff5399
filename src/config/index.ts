import path from 'node:path'
import type {
  AnnouncementsOptions,
  DataStoreOptions,
  FileManagerOptions,
  MachineOptions,
  MoonkeeperApplicationOptions,
  MoonkeeperDialectOptions,
  MoonkeeperOptions,
  ServerOptions,
  UpdateManagerOptions,
  UpdateManagerOverrideOptions,
  WebcamOptions,
} from '../contract/generated/types.js'
import { readAuthorization, type AuthorizationSettings, type ScopeTable } from './authorization.js'
import { certificatesOf, type Certificates } from './certificates.js'
import {
  readAnnouncements,
  readDataStore,
  readFileManager,
  readMachine,
  readOctoprint,
  readSecretsOf,
  readServer,
  readUpdateManager,
  readWebcams,
  webcamName,
} from './moonraker.js'
import type { Network } from './networks.js'
import { defaultOwnOptions, readOwnSettings } from './moonkeeper.js'
import type { ReaderSetup } from './section-reader.js'
import { readAllowedServices } from './services.js'
import type { Source } from './source.js'
import { fileList, originalText, readSources, type FileSections, type Sources } from './sources.js'
import type { ApplicationSettings, GitRepoSettings } from './types.js'
import { render } from './template.js'
import { builtinSettings, readUpdates, withOwn, type Updates } from './updates.js'

export { builtinOptions, installationAt } from './builtin.js'
export type * from './types.js'
export type { AuthorizationSettings, ScopeTable } from './authorization.js'

/** Where things are. All absolute. */
export interface Locations {
  readonly configFile: string
  readonly dataPath: string
  /** What ~ stands for. */
  readonly homeFolder: string
}

/** The configuration, checked. It does not change; another one is loaded when a file did. */
export interface Configuration {
  readonly server: ServerOptions
  /** For ssl_port. */
  readonly certificates: Certificates
  readonly machine: MachineOptions
  readonly authorization: AuthorizationSettings
  /** Whose X-Forwarded-For counts. */
  readonly trustedProxies: readonly Network[]
  readonly scopes: ScopeTable
  readonly dataStore: DataStoreOptions
  readonly updateManager: UpdateManagerOptions
  readonly moonkeeper: MoonkeeperOptions
  /** True when [moonkeeper] says which releases are installed unattended, and the API cannot. */
  readonly autoUpdateIsSet: boolean
  /** [moonkeeper dialect NAME] by name; a dialect without one has the defaults. */
  readonly dialectToggles: ReadonlyMap<string, MoonkeeperDialectOptions>
  /** In the order of the configuration, Klipper and Moonraker not among them. Broken sections are left out. */
  readonly applications: readonly ApplicationSettings[]
  /** Null when there is none, or its section is broken. */
  readonly moonraker: GitRepoSettings | null
  /** Null when the configuration names no path, or its section is broken. */
  readonly klipper: GitRepoSettings | null
  /** For builtinOptions(), when Klipper itself reports where it is; null when its section is broken: leave it alone. */
  readonly klipperOverrides: UpdateManagerOverrideOptions | null
  readonly klipperOwn: MoonkeeperApplicationOptions
  /** [moonkeeper system] */
  readonly systemOwn: MoonkeeperApplicationOptions
  /** [github] token of the secrets; null when there is none. Never shown. */
  readonly githubToken: string | null
  /** Services that may be restarted, without `.service`; see isServiceAllowed. */
  readonly allowedServices: readonly string[]
  readonly fileManager: FileManagerOptions
  readonly announcements: AnnouncementsOptions
  /** Whether there is an [octoprint_compat]. */
  readonly octoprint: boolean
  /** In the order of the configuration. */
  readonly webcams: readonly (WebcamOptions & { readonly name: string })[]
  /** Where credentials may be; absolute. */
  readonly secretFiles: readonly string[]
  /** For people, in Moonraker's order. */
  readonly warnings: readonly string[]
  /** Absolute: what to watch, moonkeeper.conf included even while it does not exist. */
  readonly files: readonly string[]
  /** server.config: values by section, credentials hidden. */
  readonly parsed: () => Record<string, Record<string, unknown>>
  /** server.config: text by section, credentials hidden. */
  readonly orig: () => Record<string, Record<string, string>>
  /** server.config: the files and their sections. */
  readonly fileSections: () => readonly FileSections[]
}

const setupFor = (
  source: Source,
  warn: (text: string) => void,
  templates: ReaderSetup['templates'],
): ReaderSetup => ({
  sections: new Map(source.sections.map((section) => [section.name, section])),
  defaults: source.defaults,
  templates,
  warn,
})

type Parsed = Readonly<Record<string, unknown>>

/** compat: server, secrets, machine and data_store are always there; [update_manager] when any section of it is. */
const parsedOf = (
  fixed: readonly { readonly name: string; readonly parsed: Parsed }[],
  updates: Updates,
  own: ReadonlyMap<string, Parsed>,
): Record<string, Record<string, unknown>> =>
  Object.fromEntries([...fixed.map(({ name, parsed }) => [name, parsed] as const), ...updates.parsed, ...own])

const applicationsOf = (
  updates: Updates,
  own: ReadonlyMap<string, MoonkeeperApplicationOptions>,
): Pick<
  Configuration,
  'applications' | 'klipper' | 'moonraker' | 'klipperOverrides' | 'klipperOwn' | 'systemOwn'
> => {
  const ownOf = (name: string): MoonkeeperApplicationOptions => own.get(name) ?? defaultOwnOptions()
  return {
    applications: updates.applications.map((application) => withOwn(application, ownOf(application.name))),
    klipper: builtinSettings('klipper', updates.klipper, ownOf('klipper')),
    moonraker: builtinSettings('moonraker', updates.moonraker, ownOf('moonraker')),
    klipperOverrides: updates.klipper.overrides,
    klipperOwn: ownOf('klipper'),
    systemOwn: ownOf('system'),
  }
}

/** Sections of Moonraker's components, which mean something also where they are missing. */
const readComponents = (setup: ReaderSetup) => {
  const [machine, dataStore, files] = [readMachine(setup), readDataStore(setup), readFileManager(setup)]
  const [announcements, webcams, octoprint] = [
    readAnnouncements(setup),
    readWebcams(setup),
    readOctoprint(setup),
  ]
  return {
    readers: [machine, dataStore, files, announcements, ...webcams, octoprint],
    optional: [octoprint],
    settings: () => ({
      machine: machine.finish(),
      dataStore: dataStore.finish(),
      fileManager: files.finish(),
      announcements: announcements.finish(),
      octoprint: octoprint.section !== null,
      webcams: webcams.map((reader) => ({ ...reader.finish(), name: webcamName(reader.name) })),
    }),
  }
}

/** In the order of the configuration, as Moonraker does it when everything is read. */
const warnAboutRest = (
  source: Source,
  fixed: readonly { readonly name: string; warnAboutUnread(): void }[],
  updates: Updates,
): void => {
  const bySection = new Map([
    ...fixed.map((reader) => [reader.name, () => reader.warnAboutUnread()] as const),
    ...updates.warnAboutRest,
  ])
  for (const { name } of source.sections) bySection.get(name)?.()
}

const githubTokenIn = (templates: ReaderSetup['templates']): string | null => {
  try {
    return render('{secrets.github.token}', templates)
  } catch {
    return null
  }
}

const readSettings = async (
  sources: Sources,
  { dataPath, homeFolder }: Locations,
  warn: (text: string) => void,
): Promise<Omit<Configuration, 'warnings' | 'files' | 'orig' | 'fileSections'>> => {
  const first = setupFor(sources.main, warn, { data_path: dataPath })
  const secrets = await readSecretsOf(first, dataPath, homeFolder)
  const setup = setupFor(sources.main, warn, secrets.templates)
  const server = readServer(setup, homeFolder)
  const components = readComponents(setup)
  const { reader: authorization, settings } = readAuthorization(setup)
  const { reader: general, channelIsKnown } = readUpdateManager(setup)
  const surroundings = { homeFolder, dataPath, allowedServices: await readAllowedServices(dataPath) }
  const updates = await readUpdates(setup, surroundings, general.finish(), channelIsKnown)
  const ownSetup = setupFor(sources.ofOwnSections, warn, secrets.templates)
  const own = readOwnSettings(ownSetup, homeFolder, sources.ownFile, updates.names)
  const fixed = [server, secrets.reader, ...components.readers, authorization, general]
  warnAboutRest(sources.main, fixed, updates)
  own.warnAboutRest()
  const absent = [authorization, ...components.optional, ...(updates.parsed.size > 0 ? [] : [general])]
    .filter(({ section }) => section === null)
    .map(({ name }) => name)
  const parsed = parsedOf(
    fixed.filter(({ name }) => !absent.includes(name)),
    updates,
    own.parsed,
  )
  return {
    server: server.finish(),
    certificates: await certificatesOf(server, dataPath, homeFolder),
    ...components.settings(),
    authorization: settings,
    trustedProxies: own.trustedProxies,
    scopes: own.scopes,
    secretFiles: secrets.files,
    updateManager: general.finish(),
    moonkeeper: own.general,
    autoUpdateIsSet: own.autoUpdateIsSet,
    dialectToggles: own.dialects,
    ...applicationsOf(updates, own.applications),
    allowedServices: surroundings.allowedServices,
    githubToken: githubTokenIn(secrets.templates),
    parsed: () => parsed,
  }
}

/**
 * Reads moonraker.conf, all that it includes, and moonkeeper.conf beside it.
 * A broken section of an application becomes a warning; the rest is served.
 * @throws refused, with file, line and what to do, for what cannot be read, what is said twice in one file, an include that
 * leads nowhere or in a circle, and a [server] section that is missing or wrong
 */
export const loadConfiguration = async (locations: Locations): Promise<Configuration> => {
  const configFile = path.resolve(locations.configFile)
  const sources = await readSources(configFile)
  const warnings: string[] = [...sources.warnings]
  const settings = await readSettings(sources, locations, (text) => void warnings.push(text))
  const orig = originalText(sources)
  const files = await fileList(sources, configFile)
  return {
    ...settings,
    warnings,
    files: [...new Set([...sources.main.files, ...(sources.own?.files ?? []), sources.ownFile])],
    orig: () => orig,
    fileSections: () => files,
  }
}
