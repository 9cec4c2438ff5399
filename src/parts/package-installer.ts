import type { Packages } from '../machine/packages/packages.js'
import type { PackageTask } from '../machine/packages/provider.js'
import { systemFiles } from '../system/files.js'
import type { SystemPackageInstaller } from '../updaters/contract.js'

const installing = (names: readonly string[]): PackageTask => ({ kind: 'install', names })
const quietly = (signal: AbortSignal) => ({ signal, say: () => undefined })

/** The machine's packages as far as other applications depend on them; null when they are switched off. */
export const packageInstaller = (packages: Packages | null): SystemPackageInstaller | null => {
  if (packages === null) return null
  return {
    async missing(names) {
      const installed = await (await packages.provider()).installed(names)
      return names.filter((name) => !installed.has(name))
    },
    async simulate(names, signal) {
      const provider = await packages.provider()
      const { install, upgrade, remove } = await provider.simulate(installing(names), quietly(signal))
      return { install: [...install], upgrade: [...upgrade], remove: [...remove] }
    },
    async install(names, { signal, progress, workFolder }) {
      const provider = await packages.provider()
      const task = installing(names)
      const planned = await provider.simulate(task, quietly(signal))
      await systemFiles.makeFolder(workFolder)
      await provider.apply(task, planned, { signal, say: progress, folder: workFolder })
    },
  }
}
