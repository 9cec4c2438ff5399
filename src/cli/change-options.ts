import type { OptionName, Options } from './command.js'
import { CliFailure, exitCodes } from './io.js'
import { oneOf } from './option-values.js'

/** What upgrade, rollback and recover have in common. */
export const changeOptions = [
  'plan-hash',
  'prepare',
  'background',
  'when',
] as const satisfies readonly OptionName[]

export const changeHelp: readonly string[] = [
  '--plan-hash HASH    do what `moonkeeper plan` showed, or nothing when it is not the same any more',
  '--prepare           download and stage only: `moonkeeper jobs start ID` applies it',
  '--background        do not wait for its end',
  '--when idle|window  wait for the end of the print, or also for update_window',
]

/** @throws CliFailure (usage) */
export const changeParams = (options: Options): Readonly<Record<string, unknown>> => {
  const hash = options['plan-hash']
  if (hash === '') throw new CliFailure(exitCodes.usage, '--plan-hash takes the hash that a plan ends with.')
  return {
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(hash === undefined ? {} : { plan_hash: hash }),
    ...(options.prepare === true ? { until: 'prepared' } : {}),
    ...(options.background === true ? { background: true } : {}),
    ...(options.when === undefined ? {} : { when: oneOf('when', options.when, ['idle', 'window']) }),
  }
}
