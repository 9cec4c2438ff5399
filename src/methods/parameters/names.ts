import { MoonkeeperError } from '../../contract/error.js'

/** One application or several. @returns null when none is named: all. @throws bad_argument when both are given */
export const namesOf = (params: {
  readonly name?: string
  readonly names?: readonly string[]
}): readonly string[] | null => {
  const { name, names } = params
  if (name !== undefined && names !== undefined)
    throw new MoonkeeperError('bad_argument', "Give 'name' or 'names', not both")
  return name === undefined ? (names ?? null) : [name]
}
