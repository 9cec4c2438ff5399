import path from 'node:path'
import { Application } from '../../src/engine/application.js'
import { Journal } from '../../src/engine/journal.js'
import { Restarts } from '../../src/engine/restarts.js'
import { UpdateEngine } from '../../src/engine/update-engine.js'
import type { Services } from '../../src/machine/services.js'
import { systemClock } from '../../src/system/clock.js'
import { systemFiles } from '../../src/system/files.js'
import type { Json, UpdaterSurroundings } from '../../src/updaters/contract.js'
import { GitRepoUpdater } from '../../src/updaters/git_repo/index.js'
import type { GitRepoOptions } from '../../src/updaters/git_repo/options.js'
import { realSurroundings, silentLog } from './surroundings.js'

export interface Line {
  readonly message: string
  readonly application: string
  readonly complete: boolean
}

export interface Bench {
  readonly engine: UpdateEngine
  readonly lines: Line[]
  readonly printer: { printing: boolean }
  readonly dataFolder: string
  status(name: string): NonNullable<ReturnType<GitRepoUpdater['status']>>
}

/** An engine on real repositories, with its lines collected. */
export const makeEngine = async (
  folder: string,
  options: Readonly<Record<string, GitRepoOptions>>,
  overrides: Partial<Omit<UpdaterSurroundings, 'services'>> & { readonly services?: Services } = {},
): Promise<Bench> => {
  const dataFolder = path.join(folder, 'data', 'moonkeeper')
  const lines: Line[] = []
  const printer = { printing: false }
  const { services, ...others } = overrides
  const outside = await realSurroundings(dataFolder, others)
  const restarts = new Restarts(services ?? { restart: async () => {} }, (service) => service)
  await systemFiles.makeFolder(dataFolder)
  const engine = new UpdateEngine({
    journal: new Journal(dataFolder, systemFiles),
    log: silentLog,
    clock: systemClock,
    version: 'test',
    lockTimeout: 180_000,
    notifier: { updateResponse: (line) => lines.push(line), updateRefreshed: () => {} },
    restarts,
    isPrinting: () => printer.printing,
    waitForKlipper: async () => true,
  })
  const applications = Object.entries(options).map(([name, own]) => {
    const updater = new GitRepoUpdater(name, own, { ...outside, services: restarts.for(name) })
    const settings = { name, type: 'git_repo', options: own as unknown as Json, refreshInterval: 168 }
    return new Application(settings, updater, dataFolder, systemFiles)
  })
  await engine.manage(async () => applications)
  await engine.refreshWhatIsDue()
  engine.endFirstRefresh()
  return {
    engine,
    lines,
    printer,
    dataFolder,
    status: (name) => {
      const entry = engine.status().value.version_info[name]
      if (entry === undefined) throw new Error(`no status of ${name}`)
      return entry
    },
  }
}
