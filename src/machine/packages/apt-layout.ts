import path from 'node:path'
import type { Commands } from '../../system/commands.js'

/** Where apt and dpkg keep what they know: as configured, also for another root than the machine's. */
export interface AptLayout {
  /** dpkg's administrative folder. */
  readonly dpkgFolder: string
  /** Downloaded packages. */
  readonly archives: string
  /** What the sources have. */
  readonly lists: string
  readonly dpkg: string
  /** What apt gives dpkg as options. */
  readonly dpkgOptions: readonly string[]
}

/** Who works on packages holds one of these. */
export const lockFilesOf = ({ dpkgFolder, lists, archives }: AptLayout): readonly string[] => [
  ...['lock-frontend', 'lock'].map((name) => path.join(dpkgFolder, name)),
  ...[lists, archives].map((folder) => path.join(folder, 'lock')),
]

const limit = { timeout: 10_000, maxOutput: 1024 * 1024, env: { LC_ALL: 'C.UTF-8' } }

const paths = [
  ['STATUS', 'Dir::State::status/f'],
  ['ARCHIVES', 'Dir::Cache::archives/d'],
  ['LISTS', 'Dir::State::lists/d'],
  ['DPKG', 'Dir::Bin::dpkg/f'],
] as const

/** `NAME='value'`, with quotes as a shell reads them. */
const readShell = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^(\w+)='(.*)'$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name, value.replaceAll("'\\''", "'")]]
    }),
  )

/** Asks apt. null when it is not here. */
export const readAptLayout = async (commands: Commands): Promise<AptLayout | null> => {
  try {
    const found = await commands.run(['apt-config', 'shell', ...paths.flat()], limit)
    const options = await commands.run(['apt-config', 'dump', '--format', '%v%n', 'DPkg::Options'], limit)
    if (found.code !== 0 || options.code !== 0) return null
    const values = readShell(found.stdout.toString('utf8'))
    const valueOf = (name: (typeof paths)[number][0]): string => values.get(name) ?? ''
    if (paths.some(([name]) => !path.isAbsolute(valueOf(name)))) return null
    return {
      dpkgFolder: path.dirname(valueOf('STATUS')),
      archives: path.normalize(valueOf('ARCHIVES')),
      lists: path.normalize(valueOf('LISTS')),
      dpkg: valueOf('DPKG'),
      dpkgOptions: options.stdout
        .toString('utf8')
        .split('\n')
        .filter((option) => option !== ''),
    }
  } catch {
    return null
  }
}
