import path from 'node:path'
import type { Files } from '../../system/files.js'

/** A package as dpkg's database has it. dpkg(1), "Information about packages". */
export interface DpkgPackage {
  readonly name: string
  readonly version: string
  readonly architecture: string
  readonly state: string
}

const complete: readonly string[] = ['not-installed', 'config-files', 'installed']

const field = (paragraph: string, name: string): string =>
  new RegExp(`^${name}: *(.*)$`, 'm').exec(paragraph)?.[1] ?? ''

const readPackage = (paragraph: string): DpkgPackage | null => {
  const [, flag = '', state = ''] = field(paragraph, 'Status').split(' ')
  const name = field(paragraph, 'Package')
  if (name === '') return null
  const version = field(paragraph, 'Version')
  const architecture = field(paragraph, 'Architecture')
  return { name, version, architecture, state: flag === 'reinstreq' ? 'half-installed' : state }
}

/** Reads dpkg's status file. */
export const readPackages = (text: string): readonly DpkgPackage[] =>
  text.split(/\n\n+/).flatMap((paragraph) => readPackage(paragraph) ?? [])

/** dpkg writes what it is about to note into numbered files: some are left when it was interrupted. */
const hasJournal = async (folder: string, files: Pick<Files, 'list'>): Promise<boolean> => {
  const entries = await files.list(path.join(folder, 'updates')).catch(() => [])
  return entries.some(({ name }) => /^\d+$/.test(name))
}

/** What was interrupted. @param folder dpkg's administrative folder */
export const unfinishedIn = async (
  folder: string,
  files: Pick<Files, 'list' | 'readText'>,
): Promise<readonly string[]> => {
  const packages = readPackages((await files.readText(path.join(folder, 'status'))) ?? '')
  const names = packages.filter(({ state }) => !complete.includes(state)).map(({ name }) => name)
  if (names.length > 0) return names
  return (await hasJournal(folder, files)) ? ['dpkg'] : []
}

/** @returns the version of each that is installed; of several architectures any that has it */
export const installedIn = async (
  folder: string,
  names: readonly string[],
  files: Pick<Files, 'readText'>,
): Promise<ReadonlyMap<string, string>> => {
  const packages = readPackages((await files.readText(path.join(folder, 'status'))) ?? '')
  const found = new Map<string, string>()
  const wanted = new Set(names)
  for (const { name, version, architecture, state } of packages) {
    if (state !== 'installed') continue
    for (const known of [name, `${name}:${architecture}`])
      if (wanted.has(known) && !found.has(known)) found.set(known, version)
  }
  return found
}
