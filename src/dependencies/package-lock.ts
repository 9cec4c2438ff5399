const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** What comes from a repository has the same version before and after: its commit tells. */
const versionOf = ({ version, resolved }: Readonly<Record<string, unknown>>): string | null => {
  if (typeof resolved === 'string' && resolved.startsWith('git')) return resolved
  return typeof version === 'string' ? version : null
}

const folder = 'node_modules/'

/** A package that a file asks for. */
export interface NamedVersion {
  readonly name: string
  readonly version: string
}

/** The packages of a lock file of npm (version 2 or 3), by where they lie. null when it is not understood. */
export const parseLock = (text: string): ReadonlyMap<string, NamedVersion> | null => {
  const lock = parseJson(text)
  if (!isRecord(lock) || !isRecord(lock['packages'])) return null
  const packages = new Map<string, NamedVersion>()
  for (const [place, entry] of Object.entries(lock['packages'])) {
    const version = isRecord(entry) ? versionOf(entry) : null
    // What lies elsewhere is the application's own.
    if (version === null || !place.includes(folder)) continue
    packages.set(place, { name: place.slice(place.lastIndexOf(folder) + folder.length), version })
  }
  return packages
}
