import { MoonkeeperError } from '../contract/error.js'
import { isRecord } from './messages.js'

/** Objects, and which of their fields; null: all of them. */
export type Wanted = ReadonlyMap<string, ReadonlySet<string> | null>

/** Objects and fields that one subscription may name: a printer has some thousand. */
const mostNames = 20_000

const readFields = (fields: unknown): ReadonlySet<string> | null => {
  if (fields === null) return null
  if (!Array.isArray(fields) || !fields.every((field) => typeof field === 'string'))
    throw new MoonkeeperError('bad_argument', 'Invalid argument')
  return new Set(fields)
}

/**
 * compat: refused in Klipper's own words, but here: what one client asks for wrongly must not reach the subscription that
 * it shares with others.
 * @throws bad_argument
 */
export const readWanted = (objects: unknown): Wanted => {
  if (!isRecord(objects)) throw new MoonkeeperError('bad_argument', 'Invalid Argument Type [objects]')
  const wanted = new Map(Object.entries(objects).map(([name, fields]) => [name, readFields(fields)]))
  let names = wanted.size
  for (const fields of wanted.values()) names += fields?.size ?? 0
  if (names > mostNames)
    throw new MoonkeeperError('bad_argument', `A subscription names at most ${mostNames} objects and fields`)
  return wanted
}

/** Everything that one of them wants. */
export const merge = (all: Iterable<Wanted>): Wanted => {
  const merged = new Map<string, Set<string> | null>()
  for (const wanted of all)
    for (const [name, fields] of wanted) {
      const known = merged.get(name)
      if (fields === null || known === null) merged.set(name, null)
      else merged.set(name, new Set([...(known ?? []), ...fields]))
    }
  return merged
}

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1

/** The same text for the same wishes, in whatever order they were written. */
export const keyOf = (wanted: Wanted): string =>
  JSON.stringify(
    [...wanted].sort(byName).map(([name, fields]) => [name, fields === null ? null : [...fields].sort()]),
  )

/** As Klipper takes it. */
export const toObjects = (wanted: Wanted): Readonly<Record<string, readonly string[] | null>> =>
  Object.fromEntries([...wanted].map(([name, fields]) => [name, fields === null ? null : [...fields]]))
