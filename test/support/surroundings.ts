import { createCommands, type Commands } from '../../src/system/commands.js'
import type { GitHub } from '../../src/releases/github.js'
import { createDownloads } from '../../src/system/download.js'
import { systemHttp } from '../../src/system/http.js'
import { systemClock } from '../../src/system/clock.js'
import { systemFiles } from '../../src/system/files.js'
import type { Log } from '../../src/system/log.js'
import type { UpdaterSurroundings } from '../../src/updaters/contract.js'
import type { GitRepoOptions } from '../../src/updaters/git_repo/options.js'

/** No test asks a forge that it does not bring. */
const noForge: GitHub = {
  latest: async () => null,
  byTag: async () => null,
  list: async () => [],
  limits: () => ({
    github_rate_limit: null,
    github_requests_remaining: null,
    github_limit_reset_time: null,
  }),
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export const realCommands = (): Promise<Commands> =>
  createCommands({
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
    },
    kill: (pid, signal) => process.kill(pid, signal),
  })

/** Everything real, but for services and redirects, which no test touches. */
export const realSurroundings = async (
  dataFolder: string,
  overrides: Partial<UpdaterSurroundings> = {},
): Promise<UpdaterSurroundings> => ({
  commands: await realCommands(),
  files: systemFiles,
  http: { finalAddress: async () => null },
  forge: noForge,
  downloads: createDownloads({ http: systemHttp, files: systemFiles, clock: systemClock }),
  signingKeys: [],
  homeFolder: '/nonexistent',
  clock: systemClock,
  log: silentLog,
  operatingSystem: async () => ({ id: 'debian', version: '12', aliases: [], vendor: '', excluded: [] }),
  services: { restart: () => Promise.resolve(), restartWhenIdle: () => Promise.resolve() },
  packages: null,
  isPrinting: () => false,
  debug: false,
  dataFolder,
  generations: 3,
  warn: () => {},
  ...overrides,
})

export const gitOptions = (
  path: string,
  origin: string,
  overrides: Partial<GitRepoOptions> = {},
): GitRepoOptions => ({
  type: 'git_repo',
  path,
  origin,
  primary_branch: 'master',
  channel: 'dev',
  report_anomalies: true,
  info_tags: [],
  managed_services: [],
  is_system_service: false,
  enable_node_updates: false,
  ...overrides,
})
