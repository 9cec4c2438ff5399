import { asMoonkeeperError } from '../contract/error.js'
import type { Log } from '../system/log.js'
import type { Outcome } from './crash-recovery.js'
import type { History } from './history.js'
import type { Job } from './job.js'

export interface ChronicleSurroundings {
  readonly history: History
  readonly log: Log
  /** The updater's type of an application; empty when it is not managed any more. */
  readonly typeOf: (name: string) => string
  readonly now: () => number
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

  /** The job that was running when an earlier life ended, and what the start made of it. */
  async resume(job: Job, outcome: NonNullable<Outcome>): Promise<void> {
    const done = outcome.state === 'done'
    for (const { name, from, to, outcome: before } of job.wire.applications) {
      if (before !== null || from === null) continue
      const state = outcome.stuck.includes(name) ? 'needs_person' : done ? 'done' : 'failed'
      job.noteOutcome(name, state)
      const part = { name, from, to, outcome: state } as const
      await this.append(job, part, done ? null : 'interrupted', done ? null : outcome.text)
    }
    await job.end(outcome.state, done ? null : 'interrupted', outcome.text)
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
