import type { Offer } from '../updaters/contract.js'
import type { Clock } from '../system/clock.js'
import type { Application, AutoUpdate } from './application.js'
import { plainChange, type Change } from './change.js'
import type { Fleet } from './fleet.js'
import type { Jobs } from './jobs.js'
import { isWithin } from './schedule.js'

/** Who asked, for the job and the history. */
export const unattended = 'unattended'

const hour = 3_600_000

/** The first number of a version; null when there is none. */
export const majorOf = (version: string): number | null => {
  const digits = /^v?(\d+)\./.exec(version)?.[1]
  return digits === undefined ? null : Number(digits)
}

const isTaken = (wanted: AutoUpdate, installed: string, offer: Offer): boolean => {
  if (wanted !== 'minor') return wanted === 'all'
  const major = majorOf(installed)
  return major !== null && major === majorOf(offer.version)
}

/**
 * True when an application is to be updated with nobody watching: it is asked for, the release is old enough, the hours
 * are right, and it did not fail too often.
 * @param now unix milliseconds
 */
export const isDue = (application: Application, now: number, hourOfDay: number): boolean => {
  const { updater, settings, needsPerson, failures } = application
  const { policy } = settings
  const offer = updater.offer()
  if (offer === null || needsPerson !== null || failures >= policy.maxFailures) return false
  if (!isTaken(application.autoUpdate, updater.installed().version, offer)) return false
  if (policy.updateWindow !== null && !isWithin(hourOfDay, policy.updateWindow)) return false
  // What has no date is as old as it is known.
  const released = offer.date === null ? application.offeredSince : offer.date * 1000
  return now - released >= policy.soakTime * hour
}

/** What is to be asked for with nobody watching: of what no job looks after already. */
export const dueUpdates = (
  { all }: Pick<Fleet, 'all'>,
  jobs: Pick<Jobs, 'find'>,
  clock: Pick<Clock, 'now' | 'hour'>,
): readonly Change[] =>
  all
    .filter((application) => isDue(application, clock.now(), clock.hour()))
    .filter(
      ({ name }) => jobs.find((job) => !job.over && job.request.names?.includes(name) !== false) === null,
    )
    .map(({ name }) => ({
      ...plainChange('upgrade', [name], unattended),
      background: true,
      when: 'window',
    }))
