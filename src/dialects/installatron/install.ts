import type { HistoryEntry, Job, Versions } from '../../contract/generated/types.js'
import type { Managed } from '../../engine/managed.js'
import { majorOf, unattended } from '../../engine/unattended.js'
import type { AppContext } from '../../methods/context.js'
import type { UpdaterStatus } from '../../updaters/contract.js'
import { statusOf } from '../applications.js'
import { jobsOf } from '../jobs.js'
import {
  extensionsOf,
  idOf,
  isActive,
  isTheme,
  listOption,
  ownerOf,
  type InstallatronSetup,
} from './facts.js'

type Version = Versions['versions'][number]

/** More than anybody looks at. */
const most = 1000
const all = { name: null, limit: 1_000_000, offset: 0 }

export type Autoup = 'none' | 'all' | 'custom'

/** A plugin or theme, as the document has it within its application. */
export const extensionEntry = async (app: AppContext, install: Managed): Promise<object> => ({
  id: install.settings.name,
  version: statusOf(app, install.settings.name)?.version ?? install.installed,
  [isTheme(install) ? 'active' : 'activated']: await isActive(app, install),
  autoup: install.autoUpdate,
})

/** How all of them are updated unattended. */
export const sharedAutoup = (installs: readonly Managed[]): Autoup => {
  if (installs.every(({ autoUpdate }) => autoUpdate === 'none')) return 'none'
  return installs.every(({ autoUpdate }) => autoUpdate === 'all') ? 'all' : 'custom'
}

/** @throws unknown_application */
export const versionsOf = async ({ engine }: AppContext, name: string): Promise<readonly Version[]> =>
  (await engine.versions(name, { limit: most, offset: 0 })).versions

/** What an update can go to, newest first. */
const available = ({ offer }: Managed, versions: readonly Version[]): readonly string[] => {
  if (offer === null) return []
  const first = versions.findIndex(({ id, version }) => id === offer.id || version === offer.version)
  const current = versions.findIndex((version) => version.current)
  if (first < 0 || current <= first) return [offer.version]
  return [offer.version, ...versions.slice(first + 1, current).map(({ version }) => version)]
}

/** Of the jobs since the last one that was done, newest first. */
const failuresOf = (jobs: readonly Job[], name: string): readonly string[] => {
  const codes: string[] = []
  for (const job of jobs) {
    const part = job.applications.find((application) => application.name === name)
    if (part === undefined) continue
    if (part.outcome === 'done') break
    if (job.error !== null) codes.push(job.error.code)
  }
  return codes
}

const descriptionOf = (status: UpdaterStatus | null): string | null => {
  const tags = status !== null && 'info_tags' in status ? status.info_tags : []
  const tag = tags.find((text) => /^desc\s*=/.test(text))
  return tag === undefined ? null : tag.slice(tag.indexOf('=') + 1).trim()
}

const applicationOf = ({ settings }: Managed, status: UpdaterStatus | null): string => {
  if (status !== null && 'repo_name' in status && status.repo_name !== '?') return status.repo_name
  const { project_name: project } = settings.options as { readonly project_name?: unknown }
  return typeof project === 'string' ? project : settings.name
}

/** Of a web application that somebody said how to reach. What may be secret in it is left out. */
const addressOf = ({ settings }: Managed): { readonly url: string; readonly url_domain: string } => {
  const { health_url: address } = settings.policy
  if (settings.type !== 'web' || address === undefined || !URL.canParse(address))
    return { url: '', url_domain: '' }
  const { origin, pathname, hostname } = new URL(address)
  return { url: `${origin}${pathname}`, url_domain: hostname }
}

const filesOf = async (
  { files }: InstallatronSetup,
  { folder, settings }: Managed,
): Promise<readonly string[]> => {
  if (settings.type === 'system') return []
  const entries = await files.list(folder).catch(() => [])
  return entries.map(({ name }) => name).sort()
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)

/** Fields of the document that have no meaning here: empty always, and never stored. */
const empty = {
  autobk: 'none',
  autobk_schedule: '',
  bkloc: 'local',
  cache_numerrors: 0,
  cache_numwarnings: 0,
  cache_preview: 0,
  cache_table: 0,
  cache_tables: 0,
  db_host: '',
  db_type: '',
  db_name: '',
  db_user: '',
  db_pass: '',
  db_prefix: '',
  login: '',
  email: '',
  language: 'en',
  sitetitle: '',
  sitetagline: '',
  file: '',
  link_admin: '',
  notification: [],
  parent: '',
  stage: '',
  tables: [],
} as const

const policyFields = (install: Managed, extensions: readonly Managed[]): object => ({
  autoup: install.autoUpdate,
  autoup_backup: install.settings.policy.generations === 0 ? 'none' : 'all',
  autoup_plugins: sharedAutoup(extensions.filter((one) => !isTheme(one))),
  autoup_themes: sharedAutoup(extensions.filter(isTheme)),
})

const versionFields = (
  install: Managed,
  status: UpdaterStatus | null,
  versions: readonly Version[],
  history: readonly HistoryEntry[],
): object => {
  const newer = available(install, versions)
  const major = majorOf(install.installed)
  const autouped = history.find(
    ({ asked_by: asker, outcome, goal }) => asker === unattended && outcome === 'done' && goal === 'upgrade',
  )
  return {
    version: status?.version ?? install.installed,
    version_autouped: autouped?.to ?? '',
    version_autouped_attempts: install.failures,
    version_available: newer[0] ?? '',
    version_available_minor: newer.find((version) => major !== null && majorOf(version) === major) ?? '',
    version_updates_available: newer.length,
  }
}

const placeFields = async (
  setup: InstallatronSetup,
  install: Managed,
  versions: readonly Version[],
): Promise<object> => ({
  ...addressOf(install),
  user: await ownerOf(setup, install),
  path: install.folder,
  files: await filesOf(setup, install),
  exclude_files: listOption(install, 'persistent_files'),
  cache_files: install.settings.type === 'system' ? 0 : await setup.sizeOf(install.folder),
  cache_numbackups: versions.filter(({ kept, current }) => kept && !current).length,
  cache_time: seconds(install.refreshedAt),
})

/** What is asked once for all of them. */
interface Shared {
  readonly history: readonly HistoryEntry[]
  readonly jobs: readonly Job[]
}

const entryOf = async (
  app: AppContext,
  setup: InstallatronSetup,
  install: Managed,
  { history, jobs }: Shared,
): Promise<object> => {
  const { name } = install.settings
  const status = statusOf(app, name)
  const own = history.filter(({ application }) => application === name)
  const updated = own.find(({ outcome }) => outcome === 'done')
  const extensions = extensionsOf(app, install)
  const versions = await versionsOf(app, name)
  return {
    id: idOf(name),
    application: applicationOf(install, status),
    agent: setup.version,
    ...empty,
    ...policyFields(install, extensions),
    ...(await placeFields(setup, install, versions)),
    failures: failuresOf(jobs, name),
    incomplete: status?.is_valid !== true,
    plugins: await Promise.all(
      extensions.filter((one) => !isTheme(one)).map((one) => extensionEntry(app, one)),
    ),
    themes: await Promise.all(extensions.filter(isTheme).map((one) => extensionEntry(app, one))),
    time_created: seconds(install.firstSeen),
    time_updated: updated === undefined ? 0 : seconds(updated.at),
    title: descriptionOf(status) ?? name,
    ...versionFields(install, status, versions, own),
  }
}

/** Applications as this API shows them. */
export const installEntries = async (
  app: AppContext,
  setup: InstallatronSetup,
  installs: readonly Managed[],
): Promise<readonly object[]> => {
  const shared = { history: (await app.engine.history(all)).entries, jobs: jobsOf(app) }
  return Promise.all(installs.map((install) => entryOf(app, setup, install, shared)))
}

export const installEntry = async (
  app: AppContext,
  setup: InstallatronSetup,
  name: string,
): Promise<unknown> => {
  const installs = app.engine.applications.managed().filter(({ settings }) => settings.name === name)
  return (await installEntries(app, setup, installs))[0] ?? null
}
