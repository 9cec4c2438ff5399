import type { MoonkeeperApplicationOptions } from '../contract/generated/types.js'

/** What shows whether an application lives. */
export interface HealthSubject {
  /** The application, for people. */
  readonly name: string
  /** The units themselves: klipper-1 where that one runs Klipper. */
  readonly services: readonly string[]
  /** Seconds that services must stay up. */
  readonly settleTime: number
  /** A command that must succeed; null when there is none. */
  readonly command: readonly [string, ...string[]] | null
  /** An address that must answer, http or https; null when there is none. */
  readonly url: string | null
  /** Absolute paths that must be there. */
  readonly files: readonly string[]
  /** True when Klipper must be ready again. */
  readonly klipper: boolean
}

/** Split at white space, as the option says: quotes are nothing special, and there is no shell. */
const commandOf = (text: string | undefined): HealthSubject['command'] => {
  const [program, ...rest] = (text ?? '').split(/\s+/).filter((word) => word !== '')
  return program === undefined ? null : [program, ...rest]
}

const runsKlipper = (unit: string): boolean => /^klipper(?:[-_]?\d+)?$/.test(unit)

/**
 * @param services the units that an update of it restarts
 * @param files absolute paths that must be there, as index.html of a web front end
 * @param own its section [moonkeeper NAME]
 */
export const healthSubject = (
  name: string,
  services: readonly string[],
  files: readonly string[],
  own: Pick<MoonkeeperApplicationOptions, 'settle_time' | 'health_command' | 'health_url'>,
): HealthSubject => ({
  name,
  services: [...new Set(services)],
  settleTime: own.settle_time,
  command: commandOf(own.health_command),
  url: own.health_url ?? null,
  files: [...new Set(files)],
  klipper: name === 'klipper' || services.some(runsKlipper),
})
