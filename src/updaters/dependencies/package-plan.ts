import { MoonkeeperError } from '../../contract/error.js'
import type { PackageContext, PackagePlan, PackageProvider } from '../../machine/packages/provider.js'
import type { Dependent } from './dependent.js'

/** Who manages packages here; null where nobody does, or it is switched off. */
export const providerOf = async ({ outside }: Dependent): Promise<PackageProvider | null> => {
  try {
    return (await outside.packages?.provider()) ?? null
  } catch (thrown) {
    if (thrown instanceof MoonkeeperError && thrown.kind === 'no_package_manager') return null
    throw thrown
  }
}

/** Those of the names that are not installed; none where nobody can tell. */
export const missingPackages = async (
  dependent: Dependent,
  names: readonly string[],
): Promise<readonly string[]> => {
  const provider = names.length === 0 ? null : await providerOf(dependent)
  if (provider === null) return []
  const versions = await provider.installed(names)
  return names.filter((name) => !versions.has(name))
}

export const installTask = (names: readonly string[]): { kind: 'install'; names: readonly string[] } => ({
  kind: 'install',
  names,
})

/** What stands in the way of installing packages for an application; null when nothing does. */
export const packageObstacle = (
  names: readonly string[],
  { unknown, remove }: PackagePlan,
): string | null => {
  if (unknown.length > 0)
    return (
      `no package source has ${unknown.join(', ')}. Look at: apt-cache policy ${unknown.join(' ')}; ` +
      `or install what it needs under another name, and exclude these: MOONRAKER_EXCLUDED_PKGS`
    )
  if (remove.length === 0) return null
  const gone = remove.map(({ name }) => name).join(', ')
  return (
    `${names.join(', ')} cannot be installed without removing ${gone}. If that is fine, do it by hand: ` +
    `sudo apt install ${names.join(' ')}`
  )
}

/** What would be installed. @throws refused for what does not go, what the package manager fails with */
export const planPackages = async (
  { label }: Dependent,
  provider: PackageProvider,
  names: readonly string[],
  context: PackageContext,
): Promise<PackagePlan> => {
  const plan = await provider.simulate(installTask(names), context)
  const obstacle = packageObstacle(names, plan)
  if (obstacle === null) return plan
  throw new MoonkeeperError(
    'refused',
    `${label}: The packages of the operating system that it needs: ${obstacle}`,
  )
}
