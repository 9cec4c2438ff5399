import type { Job } from '../contract/generated/types.js'
import { systemClock } from '../system/clock.js'
import type { CliIo } from './io.js'
import { CliFailure, exitCodes, interrupted } from './io.js'
import { jobIdOf } from './job-lookup.js'
import { isAtEnd, JobReading } from './job-reading.js'
import type { PlaceOptions } from './place.js'
import { describe, endpointOf } from './place.js'
import type { RpcClient } from './rpc-client.js'
import { withinPatience, withServer } from './session.js'

/*
 * How no line is lost or shown twice: lines have numbers. On each connection the notifications are asked for first,
 * and then what was missed, so that whatever is said between the two comes at least once. A notification may be older
 * than an answer that was read before it: only answers decide that a job is at its end.
 */

/** Milliseconds. */
interface Patience {
  /** Before each attempt to connect again. */
  readonly pauses: readonly number[]
  /** Without news until the server is asked: a dead connection is not always told. */
  readonly silence: number
}

/** It connects again for about two minutes: a restart of the machine fits in. */
const usualPatience: Patience = {
  pauses: Array.from({ length: 64 }, (_, index) => Math.min(2_000, 200 * 2 ** index)),
  silence: 30_000,
}

/** Notifications of one job, in their order. */
class News {
  private readonly waiting: Job[] = []
  private wake = (): void => {}

  constructor(
    private readonly client: RpcClient,
    id: string,
    private readonly longest: number,
  ) {
    client.listen((method, params) => {
      if (method !== 'notify_update_job' || (params as Job | null)?.id !== id) return
      this.waiting.push(params as Job)
      this.wake()
    })
  }

  /**
   * @returns null when there was none for long
   * @throws CliFailure when the connection ended; what came before is answered first
   */
  async next(): Promise<Job | null> {
    if (this.waiting.length === 0) await this.silence()
    return this.waiting.shift() ?? null
  }

  private async silence(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const news = new Promise<null>((resolve) => {
      this.wake = () => resolve(null)
      timer = setTimeout(() => resolve(null), this.longest)
    })
    const why = await Promise.race([news, this.client.closed])
    clearTimeout(timer)
    if (why !== null && this.waiting.length === 0) throw why
  }
}

interface Attempt {
  readonly id: string
  readonly reading: JobReading
  /** For messages. */
  readonly where: string
  readonly silence: number
  /** The server answered: this connection is good. */
  readonly reached: () => void
}

/** On one connection. @returns the job at its end @throws CliFailure when the connection ends before, Refusal */
const readOn = async (client: RpcClient, { id, reading, where, silence, reached }: Attempt): Promise<Job> => {
  const news = new News(client, id, silence)
  const look = async (): Promise<Job> => {
    const question = client.call('machine.update.jobs.get', { id, after_seq: reading.last })
    const job = (await withinPatience(client, question, where)) as Job
    reached()
    reading.take(job)
    return job
  }
  await client.call('machine.update.jobs.list', { limit: 1, subscribe: true })
  let seen = await look()
  while (!isAtEnd(seen)) {
    const told = await news.next()
    if (told === null || isAtEnd(told) || reading.misses(told)) seen = await look()
    if (told !== null) reading.take(told)
  }
  return seen
}

const isLost = (thrown: unknown): boolean =>
  thrown instanceof CliFailure && thrown.exitCode === exitCodes.noConnection

const pause = async (milliseconds: number, io: CliIo): Promise<void> => {
  try {
    await systemClock.wait(milliseconds, io.signal)
  } catch {
    throw interrupted()
  }
}

/**
 * Shows a job's lines so far, and those that come, until its end; a connection that is lost is made again.
 * @param given its id, or a unique beginning of it
 * @throws CliFailure when there is no such job, no server, or it does not come back; Refusal
 */
export const followJob = async (
  given: string,
  options: PlaceOptions,
  io: CliIo,
  { pauses, silence }: Patience = usualPatience,
): Promise<Job> => {
  const reading = new JobReading(io)
  const known: { id: string | null } = { id: null }
  const where = describe(await endpointOf(options, io))
  let failures = 0
  const reached = (): void => {
    if (failures > 0) io.err('Connected again.\n')
    failures = 0
  }
  for (;;) {
    try {
      return await withServer(io, options, async (client) => {
        known.id ??= await jobIdOf(client, given)
        return readOn(client, { id: known.id, reading, where, silence, reached })
      })
    } catch (thrown) {
      const milliseconds = pauses[failures]
      if (!isLost(thrown) || known.id === null || milliseconds === undefined) throw thrown
      if (failures === 0) io.err('The connection was lost. Trying again...\n')
      failures += 1
      await pause(milliseconds, io)
    }
  }
}
