import type { Options } from './command.js'
import { CliFailure, exitCodes } from './io.js'

/** The names as the API takes them: none are all. */
export const namesOf = (names: readonly string[]): { name?: string; names?: readonly string[] } => {
  const [name] = names
  if (name === undefined) return {}
  return names.length === 1 ? { name } : { names }
}

/** @throws CliFailure (usage) when a version is named for more than one application */
export const refuseVersionOfMany = (names: readonly string[], { version }: Options): void => {
  if (version === undefined || names.length === 1) return
  throw new CliFailure(exitCodes.usage, '--version goes with the NAME of one application.')
}
