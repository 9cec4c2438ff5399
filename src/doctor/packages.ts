import type { Check } from './check.js'

export const packages: Check = {
  name: 'packages',
  needsRest: true,
  async look(host) {
    const provider = await host.packages()
    if (provider === null) return { unknown: 'There is no apt here' }
    const names = await provider.unfinished()
    if (names.length === 0) return []
    const user = await provider.busy()
    if (user !== null) return { unknown: `Packages are being installed by ${user}: look again afterwards` }
    const repair = await host.repairs.packages()
    return [
      {
        code: 'packages_half_configured',
        about: names.join(', '),
        cause: `An installation of packages was interrupted: ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} half installed, and nothing else can be installed`,
        repair: 'sudo dpkg --configure -a; sudo apt-get -f install',
        ...(repair === null ? {} : { fix: repair }),
      },
    ]
  },
}
