import type { Files } from '../system/files.js'

/** What of the operating system decides which packages an application needs. */
export interface OperatingSystem {
  /** As /etc/os-release has it: debian, ubuntu. Empty when it is not known. */
  readonly id: string
  /** 12, 24.04. Empty when it is not known. */
  readonly version: string
  /** What it derives from, nearest first. */
  readonly aliases: readonly string[]
  /** raspberry-pi, or empty. */
  readonly vendor: string
  /** Packages that are never installed for an application. */
  readonly excluded: readonly string[]
}

const unquote = (value: string): string => {
  const [, quote, inner] = /^(["'])(.*)\1$/.exec(value) ?? []
  if (inner === undefined) return value
  return quote === '"' ? inner.replace(/\\([$"\\`])/g, '$1') : inner
}

/** The assignments of /etc/os-release. */
const parseOsRelease = (text: string): ReadonlyMap<string, string> => {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, name, value] = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) values.set(name, unquote(value))
  }
  return values
}

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '')

export interface OperatingSystemSetup {
  readonly files: Pick<Files, 'readText' | 'stat'>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where /etc is, for tests. */
  readonly root?: string
}

/** compat: Moonraker's variables, and what it tells a Raspberry Pi by. */
const surroundingsOf = async (
  { files, env }: OperatingSystemSetup,
  at: string,
): Promise<Pick<OperatingSystem, 'vendor' | 'excluded'>> => {
  const named = env['MOONRAKER_VENDOR'] ?? ''
  const isRaspberry = (await files.stat(`${at}/etc/rpi-issue`))?.isFile() === true
  return {
    vendor: named === '' && isRaspberry ? 'raspberry-pi' : named,
    excluded: words(env['MOONRAKER_EXCLUDED_PKGS'] ?? ''),
  }
}

/** What the machine says of itself. What it does not say is empty. */
export const readOperatingSystem = async (setup: OperatingSystemSetup): Promise<OperatingSystem> => {
  const { files, root = '/' } = setup
  const at = root.replace(/\/$/, '')
  const text =
    (await files.readText(`${at}/etc/os-release`)) ?? (await files.readText(`${at}/usr/lib/os-release`))
  const values = parseOsRelease(text ?? '')
  const valueOf = (name: string): string => values.get(name) ?? ''
  return {
    id: valueOf('ID').toLowerCase(),
    version: valueOf('VERSION_ID'),
    aliases: words(valueOf('ID_LIKE').toLowerCase()),
    ...(await surroundingsOf(setup, at)),
  }
}
