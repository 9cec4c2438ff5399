import { asMoonkeeperError, MoonkeeperError } from '../contract/error.js'
import type { Application } from './application.js'
import type { Job, JobOutcome, JobState } from './job.js'
import { UndoFailed } from './undo.js'

/** Where an operation stands when it threw. */
export const stateAfter = (thrown: unknown): Extract<JobState, JobOutcome> => {
  if (!(thrown instanceof MoonkeeperError)) return 'failed'
  if (thrown.kind === 'cancelled') return 'cancelled'
  return thrown.cause instanceof UndoFailed ? 'needs_person' : 'failed'
}

/** What became of one part of a failed operation: of a set that was undone only what is stuck needs a person. */
const outcomeOf = (
  part: Job['wire']['applications'][number],
  thrown: unknown,
  several: boolean,
): JobOutcome => {
  const state = stateAfter(thrown)
  const undo = thrown instanceof MoonkeeperError ? thrown.cause : null
  if (undo instanceof UndoFailed) return undo.applications.includes(part.name) ? 'needs_person' : 'failed'
  return several && part.to === null && state === 'failed' ? 'not_needed' : state
}

/** What is stopped says so, however its commands put it. @param stalled why nobody waited any longer */
export const reasonOf = (
  thrown: unknown,
  job: Job,
  stopping: AbortSignal,
  stalled: MoonkeeperError | null,
): unknown => {
  const stop = [job.signal, stopping].find((signal) => signal.aborted)
  const reason: unknown = stop === undefined ? stalled : stop.reason
  if (reason === null || job.committed || job.undone || stateAfter(thrown) === 'needs_person') return thrown
  return thrown instanceof MoonkeeperError && thrown.cause === reason ? thrown : reason
}

export const noteInstalled = (job: Job, application: Application): void =>
  job.noteVersions(application.name, application.status()?.version ?? '?', null)

const partsOf = (job: Job, applications: readonly Application[]): Job['wire']['applications'] =>
  job.wire.applications.filter((part) => applications.some(({ name }) => name === part.name))

export const noteDone = (job: Job, applications: readonly Application[]): void => {
  for (const { name, from, to } of partsOf(job, applications)) {
    const application = applications.find((candidate) => candidate.name === name)
    // Only what was planned to change has a version to go to.
    if (to !== null) job.noteVersions(name, from ?? '?', application?.status()?.version ?? to)
    job.noteOutcome(name, to === null ? 'not_needed' : 'done')
  }
}

export const noteFailed = (job: Job, applications: readonly Application[], thrown: unknown): void => {
  const parts = partsOf(job, applications)
  // Before it was known what is needed, all of it failed.
  const several = parts.some(({ to }) => to !== null)
  for (const part of parts) job.noteOutcome(part.name, outcomeOf(part, thrown, several))
}

/** On the disk before the journal is gone: a start that finds no journal finds it here. */
export const noteOver = async (
  job: Job,
  applications: readonly Application[],
  failure: unknown,
): Promise<void> => {
  if (job.over) return
  if (failure === null) {
    noteDone(job, applications)
    return job.enter('running')
  }
  job.undone = true
  noteFailed(job, applications, failure)
  const { kind, message } = asMoonkeeperError(failure)
  await job.enter('running', { error: { code: kind, message } })
}
