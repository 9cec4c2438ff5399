import path from 'node:path'
import type { Files } from '../system/files.js'

/** A package that is installed. */
export interface Distribution {
  /** As it calls itself. */
  readonly name: string
  readonly version: string
  /** Its .dist-info or .egg-info, absolute. */
  readonly folder: string
}

/** What an installed package tells of itself. */
export interface DistributionDetails extends Distribution {
  /** Header fields of its METADATA by name in lower case, each as often as it stands there. */
  readonly metadata: ReadonlyMap<string, readonly string[]>
  /** direct_url.json: where it was installed from when that was no index; null else, or when it cannot be read. */
  readonly directUrl: Readonly<Record<string, unknown>> | null
  /** The file release_info that some projects put into their package; null when there is none. */
  readonly releaseInfo: Readonly<Record<string, unknown>> | null
  /** Installed files, relative to site-packages, as its RECORD says. */
  readonly files: readonly string[]
}

/** pip takes Foo_Bar, foo.bar and foo-bar for the same (PEP 503). */
export const normalName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-')

const infoFolder = /^(?!~)(.+?)-(\d[^-]*?)(?:-py\d[\w.]*)?\.(?:dist|egg)-info$/

/** Header fields as of an e-mail: they end at the first empty line; a line that begins with a blank goes on. */
export const parseMetadata = (text: string): ReadonlyMap<string, readonly string[]> => {
  const fields = new Map<string, string[]>()
  const [header = ''] = text.replaceAll('\r\n', '\n').split('\n\n', 1)
  for (const line of header.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const [, name, value = ''] = /^([\w-]+):\s*(.*)$/.exec(line) ?? []
    if (name === undefined) continue
    const key = name.toLowerCase()
    fields.set(key, [...(fields.get(key) ?? []), value.trim()])
  }
  return fields
}

const metadataOf = async (folder: string, files: Files): Promise<string | null> =>
  (await files.readText(path.join(folder, 'METADATA'))) ??
  (await files.readText(path.join(folder, 'PKG-INFO')))

/** Of what calls itself by another name than its folder: the folder has it normalised. */
const describe = async (folder: string, files: Files): Promise<DistributionDetails | null> => {
  const text = await metadataOf(folder, files)
  const metadata = parseMetadata(text ?? '')
  const name = metadata.get('name')?.[0]
  if (name === undefined || name === '') return null
  const record = recordedFiles((await files.readText(path.join(folder, 'RECORD'))) ?? '')
  return {
    name,
    version: metadata.get('version')?.[0] ?? '',
    folder,
    metadata,
    directUrl: parseObject(await files.readText(path.join(folder, 'direct_url.json'))),
    releaseInfo: await readReleaseInfo(path.dirname(folder), record, files),
    files: record,
  }
}

const parseObject = (text: string | null): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null
  } catch {
    return null
  }
}

/** The first column of a RECORD: a CSV, whose quotes are doubled. */
const recordedFiles = (text: string): readonly string[] =>
  text
    .split(/\r?\n/)
    .map((line) => {
      const quoted = /^"((?:[^"]|"")*)"/.exec(line)?.[1]
      return quoted === undefined ? (line.split(',', 1)[0] ?? '') : quoted.replaceAll('""', '"')
    })
    .filter((file) => file !== '')

const isInside = (file: string): boolean =>
  !path.isAbsolute(file) && !path.normalize(file).split('/').includes('..')

const readReleaseInfo = async (
  sitePackages: string,
  record: readonly string[],
  files: Files,
): Promise<Readonly<Record<string, unknown>> | null> => {
  for (const file of record) {
    if (path.basename(file) !== 'release_info' || !isInside(file)) continue
    const found = parseObject(await files.readText(path.join(sitePackages, file)))
    if (found !== null) return found
  }
  return null
}

const tellsOfItself = async ({ folder }: Distribution, files: Pick<Files, 'stat'>): Promise<boolean> => {
  for (const name of ['METADATA', 'PKG-INFO', ''])
    if ((await files.stat(path.join(folder, name)))?.isFile() === true) return true
  return false
}

/** Everything that is installed, by name. Only names are read; what was removed half does not count. */
export const listDistributions = async (
  sitePackages: string,
  files: Pick<Files, 'list' | 'stat'>,
): Promise<readonly Distribution[]> => {
  const found: Distribution[] = []
  for (const entry of await files.list(sitePackages)) {
    const [, name, version] = infoFolder.exec(entry.name) ?? []
    if (name === undefined || version === undefined) continue
    const distribution = { name, version, folder: path.join(sitePackages, entry.name) }
    if (await tellsOfItself(distribution, files)) found.push(distribution)
  }
  return found.sort((a, b) => (normalName(a.name) < normalName(b.name) ? -1 : 1))
}

/** @returns null when no package of that name is installed, or what is there of it does not say what it is */
export const readDistribution = async (
  sitePackages: string,
  name: string,
  files: Files,
): Promise<DistributionDetails | null> => {
  const wanted = normalName(name)
  for (const found of await listDistributions(sitePackages, files)) {
    if (normalName(found.name) !== wanted) continue
    const details = await describe(found.folder, files)
    if (details !== null && normalName(details.name) === wanted) return details
  }
  return null
}

/** What a killed pip leaves: it moves what it removes to names that begin with ~, and later takes them for broken packages. */
export const removeLeftovers = async (sitePackages: string, files: Files): Promise<readonly string[]> => {
  const names = (await files.list(sitePackages))
    .map(({ name }) => name)
    .filter((name) => name.startsWith('~'))
  for (const name of names) await files.remove(path.join(sitePackages, name))
  return names
}
