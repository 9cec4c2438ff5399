import type { Configuration } from '../config/index.js'
import { readOperatingSystem } from '../dependencies/operating-system.js'
import type { Restarts } from '../engine/restarts.js'
import { systemClock } from '../system/clock.js'
import type { Commands } from '../system/commands.js'
import { createDownloads } from '../system/download.js'
import { systemFiles } from '../system/files.js'
import { systemHttp } from '../system/http.js'
import type { Log } from '../system/log.js'
import type { ApplicationSurroundings } from './applications.js'
import type { Forges } from './forges.js'
import type { MachineParts } from './machine.js'
import type { Notices } from './notices.js'
import { packagesFor } from './packages.js'

export interface SurroundingsSetup {
  readonly commands: Commands
  readonly homeFolder: string
  readonly dataFolder: string
  readonly debug: boolean
  readonly machine: Pick<MachineParts, 'privileges' | 'bus'>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly current: () => Configuration
  readonly isPrinting: () => boolean
  readonly forges: Forges
  readonly notices: Notices
  readonly restarts: Restarts
  readonly log: Log
}

/** Everything outside, for applications, as it is configured when it is asked for. */
export const surroundingsFor = (setup: SurroundingsSetup): (() => ApplicationSurroundings) => {
  const { commands, machine, env, forges, notices, restarts, dataFolder } = setup
  const [files, http, clock] = [systemFiles, systemHttp, systemClock]
  const downloads = createDownloads({ http, files, clock })
  const packagesNow = packagesFor({
    commands,
    root: machine.privileges,
    bus: machine.bus,
    configuration: setup.current,
  })
  return () => {
    const updater = {
      commands,
      files,
      http,
      downloads,
      homeFolder: setup.homeFolder,
      isPrinting: setup.isPrinting,
      clock,
      log: setup.log,
      debug: setup.debug,
      dataFolder,
      packages: packagesNow(),
      operatingSystem: () => readOperatingSystem({ files, env }),
    }
    return { updater, forges, notices, restarts, files, dataFolder }
  }
}
