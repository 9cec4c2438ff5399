import type { ApplicationPlan, PackageChange } from '../../contract/generated/types.js'
import type { Checkout } from './checkout.js'
import type { Target } from './target.js'

/** Names and what is wanted of them. */
type Wanted = ReadonlyMap<string, string>

/** A line of a requirements file: a name, and what follows it. Options, addresses and comments are left out. */
const requirement = /^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*([^#;]*)/

const parseRequirements = (text: string): Wanted => {
  const wanted = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, name, rest = ''] = requirement.exec(line.trim()) ?? []
    if (name !== undefined) wanted.set(name.toLowerCase(), rest.trim())
  }
  return wanted
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** The packages of a lock file of npm, as they lie in node_modules. */
const parseLock = (text: string): Wanted => {
  const wanted = new Map<string, string>()
  const lock: unknown = JSON.parse(text)
  const packages = isRecord(lock) && isRecord(lock['packages']) ? lock['packages'] : {}
  for (const [place, entry] of Object.entries(packages)) {
    const name = place.split('node_modules/').at(-1) ?? ''
    const version = isRecord(entry) ? entry['version'] : undefined
    if (name !== '' && typeof version === 'string') wanted.set(name, version)
  }
  return wanted
}

const compare = (from: Wanted, to: Wanted): PackageChange[] =>
  [...new Set([...from.keys(), ...to.keys()])]
    .sort()
    .map((name) => ({ name, from: from.get(name) ?? null, to: to.get(name) ?? null }))
    .filter((change) => change.from !== change.to)

/** Differences of one file between two commits; a file that is not there wants nothing. */
const compareFile = async (
  checkout: Checkout,
  { from, to }: Target,
  file: string,
  parse: (text: string) => Wanted,
  signal: AbortSignal,
): Promise<PackageChange[]> => {
  const read = async (commit: string): Promise<Wanted> => {
    const result = await checkout.git.attempt(['cat-file', 'blob', `${commit}:${file}`], { signal })
    return result.code === 0 ? parse(result.stdout.toString('utf8')) : new Map()
  }
  return compare(await read(from), await read(to))
}

/** Python and Node dependencies that differ; absent when the application has none of that kind. */
export const dependencyChanges = async (
  checkout: Checkout,
  target: Target,
  signal: AbortSignal,
): Promise<Pick<ApplicationPlan, 'python' | 'node'>> => {
  const { requirements, enable_node_updates } = checkout.options
  const python =
    requirements === undefined
      ? {}
      : { python: await compareFile(checkout, target, requirements, parseRequirements, signal) }
  const node = enable_node_updates
    ? { node: await compareFile(checkout, target, 'package-lock.json', parseLock, signal).catch(() => []) }
    : {}
  return { ...python, ...node }
}
