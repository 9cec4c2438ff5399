import type { Configuration } from '../config/index.js'
import { createAptProvider } from '../machine/packages/apt.js'
import { readAptLayout } from '../machine/packages/apt-layout.js'
import { createPackages, type Packages } from '../machine/packages/packages.js'
import type { RootCommands } from '../machine/packages/provider.js'
import { systemClock } from '../system/clock.js'
import type { Commands } from '../system/commands.js'
import { systemFiles } from '../system/files.js'

export interface PackagesSetup {
  readonly commands: Commands
  /** True when the daemon runs as root and needs no sudo. */
  readonly root: boolean
  readonly configuration: () => Configuration
}

/** As root: as they are; else through sudo, which never asks. */
const rootCommands = (commands: Commands, root: boolean): RootCommands => ({
  run: (argv, options) => commands.run(root ? argv : ['sudo', '-n', ...argv], options),
  granted: async () => root || (await commands.run(['sudo', '-n', 'true']).catch(() => null))?.code === 0,
})

/** The machine's packages as they are configured now; null when they are switched off. */
export const packagesFor = (setup: PackagesSetup): (() => Packages | null) => {
  const { commands, configuration } = setup
  const root = rootCommands(commands, setup.root)
  const findApt = async () => {
    const layout = await readAptLayout(commands)
    return layout === null
      ? null
      : createAptProvider({ commands, root, files: systemFiles, clock: systemClock, layout })
  }
  const withApt = createPackages([findApt])
  return () => (configuration().updateManager.enable_system_updates ? withApt : null)
}
