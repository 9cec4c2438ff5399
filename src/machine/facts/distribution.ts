import type { MachineSystemInfoResult } from '../../contract/generated/types.js'

type Distribution = MachineSystemInfoResult['system_info']['distribution']

/** os-release(5): KEY=value lines, the value quoted as in a shell. */
const readOsRelease = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [, key, value] = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line) ?? []
      if (key === undefined || value === undefined) return []
      return [[key, value.replace(/^(["'])(.*)\1$/, '$2').replace(/\\(["'$`\\])/g, '$1')] as const]
    }),
  )

/**
 * @param osRelease the text of /etc/os-release
 * @param kernel as uname -r has it
 */
export const readDistribution = (osRelease: string | null, kernel: string): Distribution => {
  const found = readOsRelease(osRelease ?? '')
  const get = (key: string): string => found.get(key) ?? ''
  const version = get('VERSION_ID')
  const [, major = '', minor = '', build = ''] = /^(\d+)\.?(\d+)?\.?(\d+)?/.exec(version) ?? []
  return {
    name: get('PRETTY_NAME') || get('NAME'),
    id: get('ID').toLowerCase(),
    version,
    version_parts: { major, minor, build_number: build },
    like: get('ID_LIKE'),
    codename: get('VERSION_CODENAME'),
    release_info: {},
    kernel_version: kernel,
  }
}
