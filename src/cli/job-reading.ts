import type { Job } from '../contract/generated/types.js'
import { systemClock } from '../system/clock.js'
import type { CliIo } from './io.js'
import { isOver, lineText, stageText } from './job-text.js'

/** True when nothing more comes, unless somebody starts it. */
export const isAtEnd = (job: Pick<Job, 'state'>): boolean => isOver(job) || job.state === 'prepared'

/** What was shown of a job so far: every line once and in its order, however often it comes. */
export class JobReading {
  /** The number of the last line that was shown. */
  last = 0
  private waits = ''

  constructor(private readonly io: CliIo) {}

  /** True when a line before these was not shown yet. */
  misses({ log = [] }: Job): boolean {
    const [first] = log
    return first !== undefined && first.seq > this.last + 1
  }

  /** Shows what is new. */
  take(job: Job): void {
    for (const line of job.log ?? []) {
      if (line.seq <= this.last) continue
      const missing = line.seq - this.last - 1
      // The server has it no more: it was asked for.
      if (missing > 0) this.io.out(`(${missing === 1 ? 'a line was' : `${missing} lines were`} not kept)\n`)
      this.io.out(`${lineText(line)}\n`)
      this.last = line.seq
    }
    this.takeStage(job)
  }

  /** What is waited for is no line of the job. */
  private takeStage(job: Job): void {
    const waits = job.state === 'queued' ? `${job.stage} ${job.starts_at ?? ''}`.trim() : ''
    const told = waits !== '' && waits !== this.waits
    this.waits = waits
    if (told) this.io.err(`${stageText(job, systemClock.now())}\n`)
  }
}
