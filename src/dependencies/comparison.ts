import type { PackageChange } from '../contract/generated/types.js'
import { parseLock, type NamedVersion } from './package-lock.js'
import { textOf, type Requirement } from './requirement.js'
import type { Requirements } from './requirements.js'

/** What differs between what two versions ask for, as far as texts tell. */
export interface Compared {
  /** Absent when it cannot be told. */
  readonly changes?: PackageChange[]
  readonly warnings: readonly string[]
}

const compare = (
  from: ReadonlyMap<string, NamedVersion>,
  to: ReadonlyMap<string, NamedVersion>,
): PackageChange[] => {
  const found = new Map<string, PackageChange>()
  for (const key of [...new Set([...from.keys(), ...to.keys()])].sort()) {
    const [old, now] = [from.get(key), to.get(key)]
    const change = { name: (now ?? old)?.name ?? key, from: old?.version ?? null, to: now?.version ?? null }
    // The same package may lie in several places.
    if (change.from !== change.to) found.set(JSON.stringify(change), change)
  }
  return [...found.values()]
}

/** What of a package is asked for: its extras, its versions, its marker. Hashes are no part of it. */
const wishOf = ({ extras, wanted, marker }: Requirement): string => {
  const brackets = extras.length === 0 ? '' : `[${extras.join(',')}]`
  const plain = `${brackets}${wanted}`
  return [plain === '' ? '*' : plain, ...(marker === '' ? [] : [marker])].join('; ')
}

/** A package may be named several times, for several kinds of machines. */
const byName = ({ wanted }: Requirements): ReadonlyMap<string, NamedVersion> => {
  const wishes = new Map<string, string[]>()
  for (const one of wanted)
    if (one.name !== null) wishes.set(one.name, [...(wishes.get(one.name) ?? []), wishOf(one)])
  return new Map(
    [...wishes].map(([name, versions]) => [name, { name, version: versions.sort().join(' | ') }]),
  )
}

/** What has no name to compare by. */
const nameless = ({ wanted, constraints, options }: Requirements): string =>
  [
    ...wanted.filter(({ name }) => name === null).map(textOf),
    ...constraints.map((one) => `-c ${textOf(one)}`),
    ...options,
  ]
    .sort()
    .join('\n')

/** What two requirements files ask for. @param file how people know it */
export const compareRequirements = (from: Requirements, to: Requirements, file: string): Compared => {
  const differs = nameless(from) !== nameless(to)
  const warnings = differs
    ? [`${file} names addresses, limits or options that differ: what they would change is not known.`]
    : []
  const unknown = to.problems.map((problem) => `${file}: ${problem}.`)
  return { changes: compare(byName(from), byName(to)), warnings: [...warnings, ...unknown] }
}

/** What two lock files of npm name. null: there is no such file */
export const compareLocks = (from: string | null, to: string | null): Compared => {
  const [old, now] = [from, to].map((text) =>
    text === null ? new Map<string, NamedVersion>() : parseLock(text),
  )
  if (!old || !now)
    return { warnings: ['package-lock.json is not understood: which dependencies change cannot be told.'] }
  return { changes: compare(old, now), warnings: [] }
}
