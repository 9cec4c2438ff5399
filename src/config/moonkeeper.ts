import path from 'node:path'
import type {
  MoonkeeperApplicationOptions,
  MoonkeeperDialectOptions,
  MoonkeeperOptions,
} from '../contract/generated/types.js'
import { proxiesIn, scopesIn, type ScopeTable } from './authorization.js'
import { hoursProblem } from './checks.js'
import { at, refusal } from './ini.js'
import type { Network } from './networks.js'
import { expandHome } from './paths.js'
import { SectionReader, type ReaderSetup } from './section-reader.js'

const dialectPrefix = 'dialect '
const servedDialects = ['system_update', 'installatron', 'wncms']

/** True for the sections that only Moonkeeper knows. */
export const isOwnSection = (name: string): boolean => name === 'moonkeeper' || name.startsWith('moonkeeper ')

/** @returns false when it is wrong */
const readWindow = (
  reader: SectionReader<'moonkeeper'> | SectionReader<'moonkeeper.application'>,
): boolean => {
  const one = reader as SectionReader<'moonkeeper'>
  try {
    const hours = one.read('update_window')
    const problem = hours === undefined ? null : hoursProblem(hours)
    if (problem !== null) throw one.fault('update_window', problem)
    return true
  } catch (thrown) {
    one.ignore('update_window', thrown)
    // any time is not what was meant
    one.set('auto_update', 'none')
    one.warn(`[${one.name}]: nothing is installed unattended until update_window is right`)
    return false
  }
}

const readGeneral = (
  setup: ReaderSetup,
  homeFolder: string,
): { readonly general: SectionReader<'moonkeeper'>; readonly autoUpdateIsSet: boolean } => {
  const reader = new SectionReader('moonkeeper', 'moonkeeper', setup)
  reader.readLeniently(['update_window', 'data'])
  const fits = readWindow(reader)
  // Where the journal lies must not be guessed: another folder would forget what was under way.
  const data = expandHome(reader.read('data') ?? '', homeFolder)
  if (!path.isAbsolute(data)) throw reader.fault('data', `must be absolute or begin with ~/, not '${data}'`)
  reader.set('data', path.normalize(data))
  const dialects = reader.finish().dialects
  for (const dialect of dialects.filter((name) => !servedDialects.includes(name))) {
    setup.warn(
      `[moonkeeper]: option 'dialects' names '${dialect}', which is none of ${servedDialects.join(', ')}`,
    )
  }
  reader.set(
    'dialects',
    dialects.filter((name) => servedDialects.includes(name)),
  )
  return { general: reader, autoUpdateIsSet: !fits || reader.has('auto_update') }
}

const isWebAddress = (text: string): boolean =>
  /^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : '')

const readOwn = (
  section: string,
  setup: ReaderSetup,
  ownFile: string,
): SectionReader<'moonkeeper.application'> => {
  const reader = new SectionReader('moonkeeper.application', section, setup)
  reader.readLeniently(['update_window'])
  readWindow(reader)
  for (const option of ['health_url', 'api_url'] as const) {
    const value = reader.finish()[option]
    if (value === undefined || isWebAddress(value)) continue
    reader.ignore(option, reader.fault(option, 'must be an address with http:// or https://'))
  }
  const command = reader.text('health_command')
  if (command !== null && command.file !== ownFile) {
    reader.ignore(
      'health_command',
      refusal(`[${section}]: health_command counts only in ${ownFile}`, command),
    )
  }
  return reader
}

/** What an application has that has no section of its own. */
export const defaultOwnOptions = (): MoonkeeperApplicationOptions => {
  const nothing = { sections: new Map(), defaults: null, templates: {}, warn: () => undefined }
  return new SectionReader('moonkeeper.application', '', nothing).finish()
}

/** What our own sections say. */
export interface OwnSettings {
  readonly general: MoonkeeperOptions
  /** True when [moonkeeper] says which releases are installed unattended. */
  readonly autoUpdateIsSet: boolean
  readonly scopes: ScopeTable
  readonly trustedProxies: readonly Network[]
  /** [moonkeeper NAME] by name. */
  readonly applications: ReadonlyMap<string, MoonkeeperApplicationOptions>
  /** [moonkeeper dialect NAME] by name. */
  readonly dialects: ReadonlyMap<string, MoonkeeperDialectOptions>
  readonly parsed: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  readonly warnAboutRest: () => void
}

/**
 * Reads [moonkeeper], [moonkeeper NAME] and [moonkeeper dialect NAME]. A value that is none becomes a warning and counts as
 * not given, except where the journal is.
 * @param ownFile moonkeeper.conf: the only file whose health_command counts
 * @param known the names of applications, for warning of the others
 */
export const readOwnSettings = (
  setup: ReaderSetup,
  homeFolder: string,
  ownFile: string,
  known: ReadonlySet<string>,
): OwnSettings => {
  const { general, autoUpdateIsSet } = readGeneral(setup, homeFolder)
  const readers: SectionReader<'moonkeeper' | 'moonkeeper.application' | 'moonkeeper.dialect'>[] = [general]
  const applications = new Map<string, MoonkeeperApplicationOptions>()
  const dialects = new Map<string, MoonkeeperDialectOptions>()
  for (const section of [...setup.sections.values()].filter(({ name }) => name.startsWith('moonkeeper '))) {
    const name = section.name.slice('moonkeeper '.length).trim()
    if (name.startsWith(dialectPrefix)) {
      const reader = new SectionReader('moonkeeper.dialect', section.name, setup)
      reader.readLeniently()
      dialects.set(name.slice(dialectPrefix.length).trim(), reader.finish())
      readers.push(reader)
      continue
    }
    if (!known.has(name))
      setup.warn(`[${section.name}]: there is no section [update_manager ${name}] (${at(section)})`)
    const reader = readOwn(section.name, setup, ownFile)
    applications.set(name, reader.finish())
    readers.push(reader)
  }
  return {
    general: general.finish(),
    autoUpdateIsSet,
    scopes: scopesIn(general),
    trustedProxies: proxiesIn(general),
    applications,
    dialects,
    parsed: new Map(
      readers.filter((reader) => reader.section !== null).map((reader) => [reader.name, reader.parsed]),
    ),
    warnAboutRest: () => readers.forEach((reader) => reader.warnAboutUnread()),
  }
}
