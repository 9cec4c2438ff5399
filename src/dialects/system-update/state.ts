import type { Job } from '../../contract/generated/types.js'
import { isUnderWay } from '../../engine/job.js'

export type State =
  'IDLE' | 'INITIALIZING' | 'INITIALIZED' | 'RUNNING' | 'FAILED_GRACEFUL' | 'FAILED_CRITICAL'

/** What the jobs amount to, in the words of this API. */
export interface Standing {
  readonly state: State
  /** That it is about; null when there is none. */
  readonly job: Job | null
  /** Unix seconds; null when nothing ever happened. */
  readonly since: number | null
}

const lastOf = (times: readonly (number | null | undefined)[]): number | null => {
  const known = times.filter((time) => time !== null && time !== undefined)
  return known.length === 0 ? null : Math.max(...known)
}

const endedAt = ({ ended_at, dismissed_at }: Job): number | null => lastOf([ended_at, dismissed_at])

/** It was prepared, and somebody has started it: it is on its way, whatever it looks at first. */
const wasStarted = ({ until, entered }: Job): boolean =>
  until === 'applied' && entered?.prepared !== undefined

const underWay = (job: Job): Standing => {
  const { state, entered, created_at, started_at } = job
  if (wasStarted(job)) return { state: 'RUNNING', job, since: entered?.queued ?? started_at }
  if (state === 'running') return { state: 'RUNNING', job, since: entered?.running ?? started_at }
  return { state: 'INITIALIZING', job, since: entered?.queued ?? created_at }
}

const over = (job: Job): Standing => {
  const since = endedAt(job)
  if (job.dismissed_at === undefined && job.state === 'failed')
    return { state: 'FAILED_GRACEFUL', job, since }
  if (job.dismissed_at === undefined && job.state === 'needs_person')
    return { state: 'FAILED_CRITICAL', job, since }
  return { state: 'IDLE', job, since }
}

/** The last of those that are over to end. */
const lastEnded = (jobs: readonly Job[]): Job | null =>
  jobs
    .filter(({ ended_at }) => ended_at !== null)
    .reduce<Job | null>(
      (last, job) => (last === null || (job.ended_at ?? 0) > (last.ended_at ?? 0) ? job : last),
      null,
    )

/**
 * What runs counts before what waits for its turn, that before what is prepared, and that before what is over. What waits
 * for an hour or the end of a print is nothing yet.
 * @param jobs newest first
 */
export const standingOf = (jobs: readonly Job[]): Standing => {
  const active = jobs.filter(isUnderWay)
  const now =
    active.find(({ state }) => state === 'running') ?? active.find(({ state }) => state === 'preparing')
  const next = now ?? active.at(-1)
  if (next !== undefined) return underWay(next)
  const prepared = jobs.find(({ state }) => state === 'prepared')
  if (prepared !== undefined)
    return { state: 'INITIALIZED', job: prepared, since: prepared.entered?.prepared ?? prepared.created_at }
  const ended = lastEnded(jobs)
  return ended === null ? { state: 'IDLE', job: null, since: null } : over(ended)
}
