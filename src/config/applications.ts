import path from 'node:path'
import {
  branchProblem,
  insideProblem,
  nameProblem,
  originProblem,
  packageProblem,
  pinProblem,
  repoProblem,
} from './checks.js'
import {
  pythonList,
  readDependencies,
  readPath,
  readServices,
  readSystemDependencies,
  readVirtualenv,
  type Surroundings,
} from './application-parts.js'
import { refusal } from './ini.js'
import { expandHome } from './paths.js'
import { SectionReader, type OptionName, type ReaderSetup } from './section-reader.js'
import type { ApplicationOptions, ApplicationType } from './types.js'

type SchemaOf<T extends ApplicationType> = `update_manager.${T}`

/** compat: in the order in which Moonraker names them. */
const types = ['web', 'git_repo', 'zip', 'python', 'executable'] as const satisfies readonly ApplicationType[]
const channels = ['stable', 'beta', 'dev']
const channelsOf = (type: ApplicationType): readonly string[] =>
  type === 'git_repo' || type === 'python' ? channels : ['stable', 'beta']

const isType = (text: string): text is ApplicationType => (types as readonly string[]).includes(text)

const check = <S extends SchemaOf<ApplicationType>>(
  reader: SectionReader<S>,
  option: OptionName<S>,
  problem: string | null,
): void => {
  if (problem !== null) throw reader.fault(option, problem)
}

// compat: Moonraker's words, its spelling included
const notAChoice = (section: string, option: string, value: string, choices: readonly string[]): Error =>
  refusal(
    `Section [${section}], Option '${option}: Value ${value} is not a vailid choice.  ` +
      `Must be one of the following ${pythonList(choices)}`,
  )

/** The application's type. The schema is not asked, as it depends on the type. */
const typeOf = (reader: SectionReader<SchemaOf<ApplicationType>>): ApplicationType => {
  const text = reader.text('type')?.value
  if (text === undefined) throw reader.missing('type')
  reader.parsed['type'] = text
  if (isType(text)) return text
  if (isType(text.toLowerCase())) throw notAChoice(reader.name, 'type', text, types)
  throw refusal(`No enum member named ${text}`)
}

/** What every type has. @returns whether the channel that was written does not exist for the type */
const readCommon = <T extends ApplicationType>(reader: SectionReader<SchemaOf<T>>, type: T): boolean => {
  const common = reader as unknown as SectionReader<'update_manager.git_repo'>
  common.read('type')
  common.read('refresh_interval')
  const text = common.text('channel')?.value
  if (text !== undefined && !channels.includes(text)) {
    common.parsed['channel'] = text
    throw notAChoice(reader.name, 'channel', text, channels)
  }
  const supported = channelsOf(type)
  const invalid = text !== undefined && !supported.includes(text)
  if (invalid) {
    common.parsed['channel'] = text
    reader.warn(
      `[${reader.name}]: Invalid value '${text}' for option 'channel'. Type '${type}' supports the following ` +
        `channels: ${pythonList(supported)}.  Falling back to channel 'stable'`,
    )
  } else {
    common.read('channel')
  }
  common.read('report_anomalies')
  common.read('info_tags')
  return invalid
}

const readPersistent = (reader: SectionReader<'update_manager.web' | 'update_manager.zip'>): void => {
  const files = reader.read('persistent_files')?.map((file) => file.replace(/^\/+|\/+$/g, ''))
  for (const file of files ?? []) {
    check(reader, 'persistent_files', insideProblem(file))
    if (file === '.version' || file === 'release_info.json') {
      throw refusal(`Invalid value for option 'persistent_files': '${file}' can not be persistent.`)
    }
  }
  reader.set('persistent_files', files)
}

const readRepo = (
  reader: SectionReader<'update_manager.web' | 'update_manager.zip' | 'update_manager.executable'>,
): void => {
  const repo = reader.required('repo').replace(/^\/+|\/+$/g, '')
  check(reader, 'repo', repoProblem(repo))
  reader.set('repo', repo)
}

type Readers = {
  readonly [T in ApplicationType]: (
    reader: SectionReader<SchemaOf<T>>,
    name: string,
    around: Surroundings,
  ) => Promise<void>
}

/** The order is the order in which Moonraker reads: what stands behind a fault is left unread. */
const readers: Readers = {
  git_repo: async (reader, name, around) => {
    const folder = await readPath(reader, around)
    await readDependencies(reader, folder, await readVirtualenv(reader, folder, around))
    readServices(reader, name, around)
    check(reader, 'origin', originProblem(reader.required('origin')))
    const moved = reader.read('moved_origin')
    if (moved !== undefined) check(reader, 'moved_origin', originProblem(moved))
    check(reader, 'primary_branch', branchProblem(reader.read('primary_branch') ?? ''))
    const pin = reader.read('pinned_commit')?.toLowerCase()
    if (pin !== undefined) check(reader, 'pinned_commit', pinProblem(pin))
    reader.set('pinned_commit', pin)
  },
  web: async (reader, _name, around) => {
    await readPath(reader, around)
    readRepo(reader)
    readPersistent(reader)
  },
  zip: async (reader, name, around) => {
    const folder = await readPath(reader, around)
    await readDependencies(reader, folder, await readVirtualenv(reader, folder, around))
    readServices(reader, name, around)
    readRepo(reader)
    readPersistent(reader)
  },
  executable: async (reader, name, around) => {
    const folder = await readPath(reader, around)
    await readSystemDependencies(reader, folder)
    readServices(reader, name, around)
    readRepo(reader)
  },
  python: async (reader, name, around) => {
    const folder = expandHome(reader.required('virtualenv'), around.homeFolder)
    check(reader, 'virtualenv', path.isAbsolute(folder) ? null : 'must be absolute or begin with ~/')
    await readVirtualenv(reader, around.homeFolder, around)
    readServices(reader, name, around)
    const branch = reader.read('primary_branch')
    if (branch !== undefined) check(reader, 'primary_branch', branchProblem(branch))
    const project = reader.read('project_name') ?? name
    check(reader, 'project_name', packageProblem(project))
    reader.set('project_name', project)
  },
}

/** compat: also [update_manager client NAME], as it was called once. */
export const applicationName = (section: string): string =>
  section
    .replace(/^\S+\s+/, '')
    .trim()
    .replace(/^client /, '')

/** One section of [update_manager NAME], read. */
export interface ReadApplication {
  /** As server.config shows it, also of a section that is broken. */
  readonly parsed: Readonly<Record<string, unknown>>
  /** Null for a broken section; a warning tells why. */
  readonly application: Readable | null
  /** Says what has no effect. Called when all sections are read, so that warnings come in Moonraker's order. */
  readonly warnAboutRest: () => void
}

export type Readable = {
  [T in ApplicationType]: {
    readonly name: string
    readonly section: string
    readonly type: T
    readonly options: ApplicationOptions[T]
    readonly channelInvalid: boolean
  }
}[ApplicationType]

const readAs = async <T extends ApplicationType>(
  type: T,
  reader: SectionReader<SchemaOf<T>>,
  name: string,
  around: Surroundings,
): Promise<Readable> => {
  const channelInvalid = readCommon(reader, type)
  await readers[type](reader, name, around)
  const options = reader.finish()
  return { name, section: reader.name, type, options, channelInvalid } as unknown as Readable
}

/** Reads one section. A broken one becomes a warning, never an error. */
export const readApplication = async (
  section: string,
  setup: ReaderSetup,
  around: Surroundings,
): Promise<ReadApplication> => {
  const name = applicationName(section)
  let reader: SectionReader<SchemaOf<ApplicationType>> = new SectionReader(
    'update_manager.git_repo',
    section,
    setup,
  )
  try {
    const problem = nameProblem(name)
    if (problem !== null) throw refusal(`the name '${name}' ${problem}`, reader.section)
    const type = typeOf(reader)
    reader = new SectionReader(`update_manager.${type}`, section, setup)
    const application = await readAs(type, reader, name, around)
    return { parsed: reader.parsed, application, warnAboutRest: () => reader.warnAboutUnread() }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    setup.warn(`[update_manager]: Failed to load extension ${name}: ${reason}`)
    return { parsed: reader.parsed, application: null, warnAboutRest: () => reader.warnAboutUnparsed() }
  }
}
