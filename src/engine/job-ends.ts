import { MoonkeeperError, type ErrorKind } from '../contract/error.js'
import type { Job as Wire } from '../contract/generated/types.js'
import type { Job } from './job.js'
import { stateAfter } from './outcomes.js'

export const cancelled = (): MoonkeeperError =>
  new MoonkeeperError('cancelled', 'Cancelled: what was not finished is as it was before')

export const over = (job: Job): MoonkeeperError =>
  new MoonkeeperError(
    'job_ended',
    job.over
      ? `The job ${job.id} is over (${job.state}), there is nothing to cancel`
      : `The job ${job.id} is past the point of no return, a rollback takes it back`,
  )

/** What cannot be updated as it is now was changed since it was prepared. */
export const reasonToStay = (kind: ErrorKind, message: string): NonNullable<Wire['error']> =>
  kind === 'not_valid'
    ? {
        code: 'plan_changed',
        message: `It was changed since this was prepared. Nothing was done: ${message}`,
      }
    : { code: kind, message }

/** It did not begin, or all of it was undone. */
export const isAsBefore = (job: Job, thrown: unknown): boolean =>
  job.state !== 'running' ||
  (job.undone &&
    stateAfter(thrown) === 'failed' &&
    job.wire.applications.every(({ outcome }) => outcome !== 'done'))
