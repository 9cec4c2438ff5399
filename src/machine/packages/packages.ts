import { MoonkeeperError } from '../../contract/error.js'
import type { PackageProvider } from './provider.js'

/** The machine's packages: whoever manages them here is found out when it is needed. */
export interface Packages {
  /** @throws no_package_manager */
  provider(): Promise<PackageProvider>
}

/** One way to manage packages. null: it is not here. */
export type ProviderFinder = () => Promise<PackageProvider | null>

/** @param finders the first that finds one is asked from then on */
export const createPackages = (finders: readonly ProviderFinder[]): Packages => {
  let found: PackageProvider | null = null
  return {
    async provider() {
      for (const find of finders) found ??= await find()
      if (found !== null) return found
      throw new MoonkeeperError(
        'no_package_manager',
        'Nothing here manages packages: there is neither PackageKit nor apt. Install packagekit, or switch this off: ' +
          'enable_system_updates: False in [update_manager]',
      )
    },
  }
}
