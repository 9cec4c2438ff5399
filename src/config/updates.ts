import type {
  MoonkeeperApplicationOptions,
  UpdateManagerOptions,
  UpdateManagerOverrideOptions,
} from '../contract/generated/types.js'
import type { Surroundings } from './application-parts.js'
import { applicationName, readApplication, type Readable } from './applications.js'
import {
  builtinOptions,
  readBuiltin,
  type BuiltinName,
  type Installation,
  type ReadBuiltin,
} from './builtin.js'
import type { ReaderSetup } from './section-reader.js'
import type { ApplicationSettings, GitRepoSettings } from './types.js'

/** What the sections [update_manager NAME] say. */
export interface Updates {
  readonly klipper: {
    readonly installation: Installation | null
    readonly overrides: UpdateManagerOverrideOptions | null
  }
  readonly moonraker: Updates['klipper']
  readonly applications: readonly Readable[]
  /** Every name that has a section, broken ones included. */
  readonly names: ReadonlySet<string>
  /** By section, in the order of the configuration. */
  readonly parsed: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  /** By section. */
  readonly warnAboutRest: ReadonlyMap<string, () => void>
}

const prefix = 'update_manager '

class Reading {
  readonly applications: Readable[] = []
  readonly names: Set<string>
  readonly parsed = new Map<string, Readonly<Record<string, unknown>>>()
  readonly warnAboutRest = new Map<string, () => void>()
  private readonly taken: Set<string>

  constructor(
    private readonly setup: ReaderSetup,
    private readonly around: Surroundings,
    private readonly builtins: Readonly<Record<BuiltinName, ReadBuiltin>>,
    system: boolean,
  ) {
    this.names = new Set(['system', ...Object.keys(builtins)])
    this.taken = new Set([...Object.keys(builtins), ...(system ? ['system'] : [])])
  }

  async section(section: string): Promise<void> {
    const name = applicationName(section)
    this.names.add(name)
    if (name === 'klipper' || name === 'moonraker') return this.note(section, this.builtins[name])
    if (this.taken.has(name)) return this.setup.warn(`[update_manager]: Extension ${name} already added`)
    const read = await readApplication(section, this.setup, this.around)
    this.note(section, read)
    if (read.application === null) return
    this.taken.add(name)
    this.applications.push(read.application)
  }

  private note(section: string, read: Pick<ReadBuiltin, 'parsed' | 'warnAboutRest'>): void {
    this.parsed.set(section, read.parsed)
    this.warnAboutRest.set(section, read.warnAboutRest)
  }
}

/**
 * Reads Klipper's, Moonraker's and all other sections. Broken ones become warnings.
 * @param channelIsKnown false when the channel of Klipper and Moonraker could not be read: they are left alone
 */
export const readUpdates = async (
  setup: ReaderSetup,
  around: Surroundings,
  general: UpdateManagerOptions,
  channelIsKnown: boolean,
): Promise<Updates> => {
  const { channel, enable_system_updates: system } = general
  const ofBoth = channel === undefined ? {} : { channel }
  const moonraker = await readBuiltin('moonraker', channelIsKnown ? ofBoth : null, setup, around)
  const klipper = await readBuiltin('klipper', channelIsKnown ? ofBoth : null, setup, around)
  const reading = new Reading(setup, around, { klipper, moonraker }, system)
  for (const name of setup.sections.keys()) if (name.startsWith(prefix)) await reading.section(name)
  const { applications, names, parsed, warnAboutRest } = reading
  return { klipper, moonraker, applications, names, parsed, warnAboutRest }
}

/** Joins an application with its [moonkeeper NAME]. */
export const withOwn = (application: Readable, own: MoonkeeperApplicationOptions): ApplicationSettings => ({
  ...application,
  own,
})

/** Klipper or Moonraker as an application; null when it is not known where it is, or its section is broken. */
export const builtinSettings = (
  name: BuiltinName,
  { installation, overrides }: Updates['klipper'],
  own: MoonkeeperApplicationOptions,
): GitRepoSettings | null => {
  if (installation === null || overrides === null) return null
  const options = builtinOptions(name, installation, overrides)
  return { name, section: `${prefix}${name}`, type: 'git_repo', options, channelInvalid: false, own }
}
