import { asMoonkeeperError, MoonkeeperError, type ErrorKind } from '../contract/error.js'
import type { Log } from '../system/log.js'
import type { Outcome } from './crash-recovery.js'
import type { History } from './history.js'
import type { Job, JobOutcome, JobState } from './job.js'

type Part = Job['wire']['applications'][number]

export interface ChronicleSurroundings {
  readonly history: History
  readonly log: Log
  /** The updater's type of an application; empty when it is not managed any more. */
  readonly typeOf: (name: string) => string
  /** Its installed version as it is known; null when it is not managed any more. */
  readonly versionOf: (name: string) => string | null
  readonly now: () => number
}

/** As many entries of an application are looked through for what was written down in an earlier life. */
const recent = 20

/** Writes down for ever what became of a job. A disk that does not take it fails no operation. */
export class Chronicle {
  private readonly written = new WeakMap<Job, Set<string>>()

  constructor(private readonly outside: ChronicleSurroundings) {}

  /** What became of its parts until now, each once. @param thrown what made it fail; null when it did not */
  async write(job: Job, thrown: unknown): Promise<void> {
    const failure = thrown === null ? null : asMoonkeeperError(thrown)
    for (const part of job.wire.applications) {
      const why = part.outcome === 'done' ? null : failure
      await this.append(job, part, why?.kind ?? null, why?.message ?? null)
    }
  }

  /**
   * The job that was running when an earlier life ended.
   * @param outcome what the start made of what was under way; null when nothing was: it ended before the first step,
   * between two parts, or after the last
   */
  async resume(job: Job, outcome: Outcome): Promise<void> {
    for (const part of job.wire.applications) {
      const state = this.stateOf(part, outcome)
      if (state === null) continue
      job.noteOutcome(part.name, state)
      await this.recall(job, part.name, state)
    }
    const { state, ending } = endOf(job, outcome)
    await this.write(job, ending === null ? null : new MoonkeeperError(ending.code, ending.message))
    await job.end(state, ending?.code ?? null, ending?.message ?? '')
  }

  /** null when it did not begin. */
  private stateOf(part: Part, outcome: Outcome): JobOutcome | null {
    if (part.from === null) return part.outcome
    if (outcome === null) return part.outcome ?? (this.isThere(part) ? 'done' : 'failed')
    if (outcome.stuck.includes(part.name)) return 'needs_person'
    if (!isFinished(part, outcome) || part.outcome === 'done') return part.outcome ?? 'failed'
    // What was finished is done, also when that could not be written down before.
    return part.to === null ? 'not_needed' : 'done'
  }

  private isThere({ name, from, to }: Part): boolean {
    return to !== null && to !== from && this.outside.versionOf(name) === to
  }

  /** An earlier life may have come as far as the history. */
  private async recall(job: Job, name: string, outcome: JobOutcome): Promise<void> {
    const { entries } = await this.outside.history.list({ name, limit: recent, offset: 0 })
    if (entries.some((entry) => entry.job === job.id && entry.outcome === outcome)) this.note(job, name)
  }

  /** @returns false when it was noted before */
  private note(job: Job, name: string): boolean {
    const names = this.written.get(job) ?? new Set()
    this.written.set(job, names)
    if (names.has(name)) return false
    names.add(name)
    return true
  }

  private async append(job: Job, part: Part, code: string | null, message: string | null): Promise<void> {
    const { history, log, typeOf, now } = this.outside
    if (part.outcome === null || part.outcome === 'not_needed' || part.from === null) return
    if (!this.note(job, part.name)) return
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
        ...(job.wire.image === undefined ? {} : { image: job.wire.image.version }),
      })
    } catch (thrown) {
      log.error({ job: job.id, err: thrown }, 'the history could not be written')
    }
  }
}

/** Of a set that was undone, too, what cannot be undone stays. */
const isFinished = ({ name }: Part, { state, kept = [] }: NonNullable<Outcome>): boolean =>
  state === 'done' || kept.includes(name)

interface Ending {
  readonly code: ErrorKind
  readonly message: string
}

const namesOf = (parts: readonly Part[]): string => parts.map(({ name }) => name).join(', ')

/** What was told of it before that life ended; else that it was interrupted, and what is new and what is not. */
const endingOf = (job: Job, outcome: Outcome): Ending => {
  const parts = job.wire.applications
  const finished = parts.filter((part) => part.outcome === 'done')
  const rest = parts.filter((part) => part.outcome !== 'done' && part.outcome !== 'not_needed')
  const begin = outcome?.text ?? 'Moonkeeper was stopped in the middle (power cut or kill).'
  const done = finished.length === 0 ? '' : ` New: ${namesOf(finished)}.`
  const before = ` As before: ${rest.length === parts.length ? 'everything' : namesOf(rest)}.`
  const interrupted: Ending = { code: 'interrupted', message: `${begin}${done}${before}` }
  return (job.wire.error as Ending | null) ?? interrupted
}

/** What is true of the whole: done is what has nothing left to do. */
const endOf = (job: Job, outcome: Outcome): { readonly state: JobState; readonly ending: Ending | null } => {
  const outcomes = job.wire.applications.map((part) => part.outcome)
  if (outcome?.state === 'needs_person' || outcomes.includes('needs_person')) {
    const ending: Ending = { code: 'interrupted', message: outcome?.text ?? endingOf(job, null).message }
    return { state: 'needs_person', ending }
  }
  if (outcomes.length > 0 && outcomes.every((one) => one === 'done' || one === 'not_needed'))
    return { state: 'done', ending: null }
  const ending = endingOf(job, outcome)
  return { state: outcomes.includes('cancelled') ? 'cancelled' : 'failed', ending }
}
