import type { Job } from '../../contract/generated/types.js'
import { systemClock } from '../../system/clock.js'
import type { Input, Options } from '../command.js'
import type { CliIo, ExitCode } from '../io.js'
import { CliFailure, exitCodes } from '../io.js'
import type { Operation } from '../operation.js'
import { shortId, stageText } from '../job-text.js'
import { answerTo, runOperation } from '../operation.js'
import { ProgressView } from '../progress.js'
import type { Refusal } from '../rpc-client.js'
import { explained } from '../refusal-text.js'
import { withServer } from '../session.js'
import { oneLine } from '../terminal-text.js'

/** JSON-RPC's code for 404. */
const notFound = -32601

const failed = (refusal: Refusal): CliFailure => {
  const nameless = refusal.code === notFound && refusal.reason === null
  const hint = nameless ? '\n`moonkeeper status` lists the applications.' : ''
  return new CliFailure(exitCodes.failed, explained(refusal) + hint, refusal)
}

/** An interrupt ends the client, not what it asked for. */
const withNextStep = (thrown: unknown): unknown =>
  thrown instanceof CliFailure && thrown.exitCode === exitCodes.interrupted
    ? new CliFailure(
        thrown.exitCode,
        'Interrupted. The server goes on with the operation: `moonkeeper log -f` shows it.',
        thrown,
      )
    : thrown

const jobOf = (answer: unknown): Job | null =>
  answer !== null && typeof answer === 'object' && 'id' in answer ? (answer as Job) : null

/** A job that is not over: what it waits for, and how it goes on. */
const tellJob = (job: Job, nothing: string, io: CliIo): ExitCode => {
  if (job.state === 'done') {
    io.out(`${nothing}\n`)
    return exitCodes.done
  }
  const id = shortId(job.id)
  const stage = stageText(job, systemClock.now())
  const follow =
    job.state === 'prepared'
      ? `Apply it with \`moonkeeper jobs start ${id}\`, drop it with \`moonkeeper jobs cancel ${id}\`.`
      : `Follow it with \`moonkeeper log -f ${id}\`, end it with \`moonkeeper jobs cancel ${id}\`.`
  io.out(`Job ${oneLine(job.id)}: ${job.state}${stage === '' ? '' : `, ${stage}`}\n${follow}\n`)
  return exitCodes.done
}

/** Lines that come before such an answer are those of others. */
const answersAtOnce = ({ background, when }: Options): boolean => background === true || when !== undefined

/**
 * Runs an operation to its end, and shows it.
 * @param nothing what is said when there was nothing to do
 */
export const operate = async (
  operation: Operation,
  nothing: string,
  input: Input,
  io: CliIo,
): Promise<ExitCode> => {
  const view = new ProgressView(io)
  const outcome = await withServer(io, input.options, async (client) => {
    view.begin('asking the server')
    try {
      return await (answersAtOnce(input.options)
        ? answerTo(client, operation)
        : runOperation(client, operation, view))
    } catch (thrown) {
      throw withNextStep(thrown)
    } finally {
      view.end()
    }
  })
  if (outcome.refusal !== null) throw failed(outcome.refusal)
  const job = jobOf(outcome.answer)
  if (job !== null) return tellJob(job, nothing, io)
  if (!outcome.told) io.out(`${nothing}\n`)
  return exitCodes.done
}
