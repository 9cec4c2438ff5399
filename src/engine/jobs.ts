import { MoonkeeperError } from '../contract/error.js'
import type { Job as Wire, JobRecord } from '../contract/generated/types.js'
import { Job, type JobRequest, type JobState, type JobSurroundings } from './job.js'

/** Jobs that are over and known. */
const kept = 100

/** What a new job begins with. */
export type NewJob = Pick<Wire, 'id' | 'goal' | 'atomic' | 'until' | 'when' | 'asked_by' | 'image'> & {
  readonly request: JobRequest
}

/** Every job that is known, by id. */
export class Jobs {
  private readonly known = new Map<string, Job>()

  constructor(private readonly outside: JobSurroundings) {}

  /** Reads what was kept. */
  async load(): Promise<void> {
    const records = [...(await this.outside.store.load())]
    const order = ({ number = 0, job }: JobRecord): [number, number] => [number, job.created_at]
    records.sort((a, b) => order(a)[0] - order(b)[0] || order(a)[1] - order(b)[1])
    for (const record of records) this.known.set(record.job.id, new Job(record, this.outside))
  }

  create({ request, ...given }: NewJob): Job {
    const wire: Wire = {
      ...given,
      applications: (request.names ?? []).map((name) => ({ name, from: null, to: null, outcome: null })),
      state: 'queued',
      stage: '',
      progress: 0,
      plan_hash: request.planHash,
      error: null,
      created_at: this.outside.clock.now() / 1000,
      starts_at: null,
      started_at: null,
      ended_at: null,
      last_seq: 0,
    }
    const number = Math.max(0, ...this.all().map((known) => known.number)) + 1
    const job = new Job({ job: wire, number, request }, this.outside)
    this.known.set(job.id, job)
    return job
  }

  /** One that could not be written down was never promised. */
  forget(job: Job): void {
    this.known.delete(job.id)
  }

  /** @throws unknown_job */
  get(id: string): Job {
    const job = this.known.get(id)
    if (job !== undefined) return job
    throw new MoonkeeperError(
      'unknown_job',
      `There is no job ${id}. machine.update.jobs.list shows those there are`,
    )
  }

  find(test: (job: Job) => boolean): Job | null {
    return this.all().find(test) ?? null
  }

  /** Newest first. */
  all(): readonly Job[] {
    return [...this.known.values()].reverse()
  }

  list(page: { readonly state?: JobState | undefined; readonly limit: number; readonly offset: number }): {
    jobs: Wire[]
    total: number
  } {
    const jobs = this.all().filter((job) => page.state === undefined || job.state === page.state)
    const shown = jobs.slice(page.offset, page.offset + page.limit)
    return { jobs: shown.map((job) => job.wire), total: jobs.length }
  }

  /** With its lines after a number, up to the one it names as its last. @throws unknown_job */
  async read(id: string, after: number): Promise<Wire> {
    const { wire } = this.get(id)
    const log = await this.outside.store.lines(id, after)
    return { ...wire, log: log.filter(({ seq }) => seq <= wire.last_seq) }
  }

  /** Somebody knows how it ended. @throws unknown_job, busy when it is not over */
  async dismiss(id: string): Promise<void> {
    const job = this.get(id)
    if (!job.over) throw new MoonkeeperError('busy', `The job ${id} is ${job.state}: it has not ended yet`)
    await job.dismiss()
  }

  /** The oldest that are over go, from the disk too. A disk that does not let them go is told in the log. */
  async prune(): Promise<void> {
    const old = this.all()
      .filter((job) => job.over)
      .slice(kept)
    for (const job of old) {
      this.known.delete(job.id)
      await this.outside.store.remove(job.id).catch((thrown: unknown) => {
        this.outside.log.warn({ job: job.id, err: thrown }, 'an old job could not be removed')
      })
    }
  }
}
