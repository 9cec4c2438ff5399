import type { Job } from '../contract/generated/types.js'
import { isUnderWay } from '../engine/job.js'
import type { AppContext } from '../methods/context.js'

/** More than are ever known. */
const all = { limit: 10_000, offset: 0 }

/** Every job that is known, newest first. */
export const jobsOf = ({ engine }: AppContext): readonly Job[] => engine.jobs.list(all).jobs

/** Whether anything is being done, or to one application. */
export const isBusy = (app: AppContext, name: string | null): boolean =>
  jobsOf(app).some(
    (job) =>
      isUnderWay(job) && (name === null || job.applications.some((application) => application.name === name)),
  )
