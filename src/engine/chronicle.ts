import { asMoonkeeperError, type ErrorKind } from '../contract/error.js'
import type { Log } from '../system/log.js'
import type { Outcome } from './crash-recovery.js'
import type { History } from './history.js'
import type { Job, JobOutcome, JobState } from './job.js'

export interface ChronicleSurroundings {
  readonly history: History
  readonly log: Log
  /** The updater's type of an application; empty when it is not managed any more. */
  readonly typeOf: (name: string) => string
  readonly now: () => number
}

type Part = Job['wire']['applications'][number]

interface Ending {
  readonly code: ErrorKind
  readonly message: string
}

const interrupted: Ending = {
  code: 'interrupted',
  message: 'Moonkeeper was stopped or lost power in the middle. What was not done is as before',
}

/** Of a part that was under way, or over; null when it did not begin. */
const outcomeOf = ({ name, to, outcome: before }: Part, outcome: Outcome): JobOutcome | null => {
  if (outcome?.stuck.includes(name) === true) return 'needs_person'
  // What was finished is done, also when that could not be written down before.
  if (outcome?.state === 'done' && to !== null) return 'done'
  return before ?? (to === null ? null : 'failed')
}

const endingOf = (job: Job, over: JobOutcome, outcome: Outcome): Ending | null => {
  if (over === 'done' || over === 'not_needed') return null
  const known = job.wire.error as Ending | null
  return known ?? (outcome === null ? interrupted : { code: 'interrupted', message: outcome.text })
}

/** Done only when every part is. */
const endOf = (job: Job, outcome: Outcome): { readonly state: JobState; readonly error: Ending | null } => {
  const outcomes = job.wire.applications.map((part) => part.outcome)
  const error = endingOf(job, 'failed', outcome)
  if (outcomes.includes('needs_person')) return { state: 'needs_person', error }
  if (outcomes.includes('cancelled')) return { state: 'cancelled', error }
  const done = outcomes.length > 0 && outcomes.every((one) => one === 'done' || one === 'not_needed')
  return done ? { state: 'done', error: null } : { state: 'failed', error }
}

/** Writes down for ever what became of a job. A disk that does not take it fails no operation. */
export class Chronicle {
  constructor(private readonly outside: ChronicleSurroundings) {}

  /** @param thrown what made it fail; null when it did not */
  async write(job: Job, thrown: unknown): Promise<void> {
    const failure = thrown === null ? null : asMoonkeeperError(thrown)
    for (const part of job.wire.applications) {
      const why = part.outcome === 'done' ? null : failure
      await this.append(job, part, why?.kind ?? null, why?.message ?? null)
    }
  }

  /**
   * The job that was running when an earlier life ended.
   * @param outcome what the start made of what was under way; null when nothing was: what is over stands in the job
   */
  async resume(job: Job, outcome: Outcome): Promise<void> {
    for (const part of job.wire.applications) {
      const over = outcomeOf(part, outcome)
      if (over === null) continue
      job.noteOutcome(part.name, over)
      await this.appendOnce(job, { ...part, outcome: over }, endingOf(job, over, outcome))
    }
    const { state, error } = endOf(job, outcome)
    await job.end(state, error?.code ?? null, error?.message ?? '')
  }

  /** It may have been written down before that life ended. */
  private async appendOnce(job: Job, part: Part, error: Ending | null): Promise<void> {
    const { entries } = await this.outside.history.list({ name: part.name, limit: 20, offset: 0 })
    if (entries.some((entry) => entry.job === job.id && entry.outcome === part.outcome)) return
    await this.append(job, part, error?.code ?? null, error?.message ?? null)
  }

  private async append(
    job: Job,
    part: Job['wire']['applications'][number],
    code: string | null,
    message: string | null,
  ): Promise<void> {
    const { history, log, typeOf, now } = this.outside
    if (part.outcome === null || part.outcome === 'not_needed' || part.from === null) return
    try {
      await history.append({
        at: now(),
        job: job.id,
        application: part.name,
        type: typeOf(part.name),
        goal: job.wire.goal,
        from: part.from,
        to: part.to,
        outcome: part.outcome,
        code,
        message,
        asked_by: job.wire.asked_by,
      })
    } catch (thrown) {
      log.error({ job: job.id, err: thrown }, 'the history could not be written')
    }
  }
}
