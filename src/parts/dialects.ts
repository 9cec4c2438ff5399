import type { Configuration } from '../config/index.js'
import { optionTable } from '../contract/generated/tables.js'
import type { MoonkeeperDialectOptions } from '../contract/generated/types.js'
import { createInstallatron } from '../dialects/installatron/index.js'
import { createSystemUpdate } from '../dialects/system-update/index.js'
import { createWncms } from '../dialects/wncms/index.js'
import type { Dialect } from '../rpc/dialect.js'
import { createSystemUsers } from '../system/accounts.js'
import type { Commands } from '../system/commands.js'
import { systemFiles } from '../system/files.js'

/** A dialect without a section of its own. */
const usual = Object.fromEntries(
  Object.entries(optionTable['moonkeeper.dialect'] ?? {}).map(([name, option]) => [name, option.default]),
) as unknown as MoonkeeperDialectOptions

export interface DialectSources {
  readonly configuration: () => Configuration
  readonly version: string
  readonly commands: Commands
  /** Folders that are no application's. */
  readonly reserved: () => readonly string[]
}

/** Milliseconds, and bytes: for the size of a folder. */
const sizeLimits = { timeout: 20_000, maxOutput: 64 * 1024 }

const sizeReader =
  (commands: Commands) =>
  async (folder: string): Promise<number> => {
    const argv = ['du', '-s', '-x', '--block-size=1', '--', folder] as const
    const { stdout } = await commands.run(argv, sizeLimits)
    return Number(/^\d+/.exec(stdout.toString())?.[0] ?? 0)
  }

/** The other update APIs; `dialects` in [moonkeeper] switches each on, also with a reload. */
export const createDialects = ({
  configuration,
  version,
  commands,
  reserved,
}: DialectSources): readonly Dialect[] => {
  const isOn = (name: string) => (): boolean => configuration().moonkeeper.dialects.includes(name)
  return [
    createInstallatron({
      isOn: isOn('installatron'),
      version,
      files: systemFiles,
      users: createSystemUsers(systemFiles),
      sizeOf: sizeReader(commands),
      reserved,
    }),
    createSystemUpdate(isOn('system_update')),
    createWncms({
      isOn: isOn('wncms'),
      toggles: () => configuration().dialectToggles.get('wncms') ?? usual,
    }),
  ]
}
