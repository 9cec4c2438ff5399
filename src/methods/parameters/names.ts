import { MoonkeeperError } from '../../contract/error.js'

const most = 1000

const obstacleOf = (names: readonly string[]): string | null => {
  if (names.length === 0) return 'is empty: name applications, or leave it out for all'
  if (names.length > most) return `has more than ${most} names`
  return new Set(names).size === names.length ? null : 'names an application twice'
}

/**
 * One application or several.
 * @returns null when none is named: all
 * @throws bad_argument when both are given, none of several, one twice, or more than anybody has
 */
export const namesOf = (params: {
  readonly name?: string
  readonly names?: readonly string[]
}): readonly string[] | null => {
  const { name, names } = params
  if (name !== undefined && names !== undefined)
    throw new MoonkeeperError('bad_argument', "Give 'name' or 'names', not both")
  const obstacle = obstacleOf(names ?? [name ?? ''])
  if (obstacle !== null) throw new MoonkeeperError('bad_argument', `Argument 'names' ${obstacle}`)
  return name === undefined ? (names ?? null) : [name]
}
