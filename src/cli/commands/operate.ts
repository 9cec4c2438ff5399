import type { Input } from '../command.js'
import type { CliIo, ExitCode } from '../io.js'
import { CliFailure, exitCodes } from '../io.js'
import type { Operation } from '../operation.js'
import { runOperation } from '../operation.js'
import { ProgressView } from '../progress.js'
import type { Refusal } from '../rpc-client.js'
import { withServer } from '../session.js'

/** JSON-RPC's code for 404. */
const notFound = -32601

const failed = (refusal: Refusal): CliFailure => {
  const hint = refusal.code === notFound ? '\n`moonkeeper status` lists the applications.' : ''
  return new CliFailure(exitCodes.failed, refusal.message + hint, refusal)
}

/** An interrupt ends the client, not what it asked for. */
const explained = (thrown: unknown): unknown =>
  thrown instanceof CliFailure && thrown.exitCode === exitCodes.interrupted
    ? new CliFailure(
        thrown.exitCode,
        'Interrupted. The server goes on with the operation: `moonkeeper log -f` shows it.',
        thrown,
      )
    : thrown

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
      return await runOperation(client, operation, view)
    } catch (thrown) {
      throw explained(thrown)
    } finally {
      view.end()
    }
  })
  if (outcome.refusal !== null) throw failed(outcome.refusal)
  if (!outcome.told) io.out(`${nothing}\n`)
  return exitCodes.done
}
