import { CliFailure, exitCodes } from './io.js'

/**
 * -n: how many are shown.
 * @throws CliFailure (usage)
 */
export const countOf = (given: string | undefined, usual: number): number => {
  if (given === undefined) return usual
  if (/^[1-9]\d{0,6}$/.test(given)) return Number(given)
  throw new CliFailure(exitCodes.usage, `-n takes how many entries to show, not '${given}'.`)
}

/**
 * --offset: how many of the newest are left out.
 * @throws CliFailure (usage)
 */
export const offsetOf = (given: string | undefined): number => {
  if (given === undefined) return 0
  if (/^\d{1,7}$/.test(given)) return Number(given)
  throw new CliFailure(exitCodes.usage, `--offset takes how many entries to leave out, not '${given}'.`)
}

/**
 * An option that knows a few words only.
 * @throws CliFailure (usage)
 */
export const oneOf = <T extends string>(option: string, given: string, known: readonly T[]): T => {
  const found = known.find((word) => word === given)
  if (found !== undefined) return found
  throw new CliFailure(exitCodes.usage, `--${option} is one of ${known.join(', ')}, not '${given}'.`)
}
