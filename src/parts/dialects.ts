import type { Configuration } from '../config/index.js'
import { optionTable } from '../contract/generated/tables.js'
import type { MoonkeeperDialectOptions } from '../contract/generated/types.js'
import { createWncms } from '../dialects/wncms/index.js'
import type { Dialect } from '../rpc/dialect.js'

/** A dialect without a section of its own. */
const usual = Object.fromEntries(
  Object.entries(optionTable['moonkeeper.dialect'] ?? {}).map(([name, option]) => [name, option.default]),
) as unknown as MoonkeeperDialectOptions

/** The other update APIs; `dialects` in [moonkeeper] switches each on, also with a reload. */
export const createDialects = (configuration: () => Configuration): readonly Dialect[] => {
  const isOn = (name: string) => (): boolean => configuration().moonkeeper.dialects.includes(name)
  return [
    createWncms({
      isOn: isOn('wncms'),
      toggles: () => configuration().dialectToggles.get('wncms') ?? usual,
    }),
  ]
}
