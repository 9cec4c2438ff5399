import type { Configuration } from '../config/index.js'
import { createAptProvider } from '../machine/packages/apt.js'
import { readAptLayout } from '../machine/packages/apt-layout.js'
import { createPackages, type Packages } from '../machine/packages/packages.js'
import { findPackageKit } from '../machine/packages/packagekit.js'
import type { PackageProvider, RootCommands } from '../machine/packages/provider.js'
import { systemClock } from '../system/clock.js'
import type { Commands } from '../system/commands.js'
import type { DBus } from '../system/dbus.js'
import { systemFiles } from '../system/files.js'

export interface PackagesSetup {
  readonly commands: Commands
  readonly root: RootCommands & { readonly user: string }
  readonly bus: DBus
  readonly configuration: () => Configuration
}

/** The machine's packages as they are configured now; null when they are switched off. */
export const packagesFor = (setup: PackagesSetup): (() => Packages | null) => {
  const { commands, root, bus, configuration } = setup
  const clock = systemClock
  const findApt = async (): Promise<PackageProvider | null> => {
    const layout = await readAptLayout(commands)
    return layout === null ? null : createAptProvider({ commands, root, files: systemFiles, clock, layout })
  }
  const findKit = async (): Promise<PackageProvider | null> =>
    findPackageKit({ bus, clock, user: root.user, local: await findApt() })
  const withApt = createPackages([findApt])
  const withKit = createPackages([findKit, findApt])
  return () => {
    const { enable_system_updates: enabled, enable_packagekit: wanted } = configuration().updateManager
    if (!enabled) return null
    return wanted ? withKit : withApt
  }
}
