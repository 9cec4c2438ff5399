import type { Configuration } from '../config/index.js'
import { lockFilesOf, readAptLayout } from '../machine/packages/apt-layout.js'
import { unfinishedIn } from '../machine/packages/dpkg.js'
import { lockHolder } from '../machine/packages/locks.js'
import { createPower } from '../machine/power.js'
import type { Privileges } from '../machine/privileges.js'
import { createThrottling } from '../machine/throttling.js'
import { systemClock } from '../system/clock.js'
import type { Commands } from '../system/commands.js'
import type { DBus } from '../system/dbus.js'
import { systemFiles } from '../system/files.js'
import { systemHttp } from '../system/http.js'
import type { DoctorHost, ForgePlace, Patient } from './check.js'
import { patientsOf, type KlipperInstall } from './patients.js'
import { createWeb } from './web.js'

/** What is configured, as far as it concerns the machine's health. */
export interface DoctorSettings {
  readonly usesPolkit: boolean
  readonly usesPackageKit: boolean
  readonly forges: readonly ForgePlace[]
  readonly folders: readonly string[]
  /** Bytes. */
  readonly minFreeSpace: number
  readonly patients: readonly Patient[]
}

const mebibyte = 1024 * 1024
const github = 'https://api.github.com'

const trimmed = (url: string): string => url.replace(/\/+$/, '')

const isWeb = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)

/** GitHub or what the environment names in its place, and the forges that applications name: each once. */
const forgesOf = (env: Env, token: string | null, named: readonly string[]): readonly ForgePlace[] => {
  const usual = trimmed(env['GITHUB_API_URL'] ?? github)
  // A token is for the forge that it was made at.
  const others = [...new Set(named.map(trimmed))].filter((url) => url !== usual)
  return [{ url: usual, token }, ...others.map((url) => ({ url, token: null }))].filter(({ url }) =>
    isWeb(url),
  )
}

type Env = Readonly<Record<string, string | undefined>>

export const settingsOf = async (
  configuration: Configuration,
  dataPath: string,
  env: Env,
  install: KlipperInstall,
): Promise<DoctorSettings> => {
  const { applications, klipper, moonraker, moonkeeper, updateManager } = configuration
  const own = [...applications, klipper, moonraker].map((one) => one?.own.api_url)
  return {
    usesPolkit: configuration.machine.provider === 'systemd_dbus',
    usesPackageKit: updateManager.enable_system_updates && updateManager.enable_packagekit,
    forges: forgesOf(
      env,
      configuration.githubToken,
      own.filter((url) => url !== undefined),
    ),
    folders: [dataPath, moonkeeper.data],
    minFreeSpace: moonkeeper.min_free_space * mebibyte,
    patients: await patientsOf(configuration, install),
  }
}

/** Where the configuration cannot be read. */
export const plainSettings = (dataPath: string, env: Env): DoctorSettings => ({
  usesPolkit: true,
  usesPackageKit: true,
  forges: forgesOf(env, null, []),
  folders: [dataPath],
  minFreeSpace: 150 * mebibyte,
  patients: [],
})

export interface HostSetup extends Pick<DoctorHost, 'ownService' | 'isBusy' | 'repairs'> {
  readonly settings: DoctorSettings
  readonly commands: Commands
  readonly bus: DBus
  readonly privileges: Pick<Privileges, 'user' | 'granted'>
  readonly root: boolean
}

/** Milliseconds: nobody waits longer for a look. */
const longest = 6_000

/** What hangs is ended, and keeps no process from ending. */
const limited = (commands: Commands): Commands => ({
  run: (argv, options = {}) => {
    const timeout = Math.min(options.timeout ?? longest, longest)
    return commands.run(argv, { ...options, timeout })
  },
})

/** This machine, for one examination. */
export const doctorHostOf = (setup: HostSetup): DoctorHost => {
  const { settings, privileges } = setup
  const commands = limited(setup.commands)
  const files = systemFiles
  const tokenFor = (url: string): string | null =>
    settings.forges.find((forge) => url.startsWith(`${forge.url}/`))?.token ?? null
  return {
    ...settings,
    ...setup,
    commands,
    clock: systemClock,
    files,
    web: createWeb(systemHttp, commands, tokenFor),
    power: createPower(files),
    throttling: createThrottling(files, commands),
    user: privileges.user,
    mayBecomeRoot: () => privileges.granted(),
    packages: async () => {
      const layout = await readAptLayout(commands)
      if (layout === null) return null
      return {
        unfinished: () => unfinishedIn(layout.dpkgFolder, files),
        busy: () => lockHolder(lockFilesOf(layout), { files, clock: systemClock }),
      }
    },
  }
}
