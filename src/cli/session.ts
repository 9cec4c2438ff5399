import type { CliIo } from './io.js'
import { CliFailure, exitCodes } from './io.js'
import type { PlaceOptions } from './place.js'
import { describe, endpointOf } from './place.js'
import { Refusal, RpcClient } from './rpc-client.js'

/** Milliseconds that a server has for a quick answer: one that is stuck accepts connections all the same. */
const answerPatience = 10_000

/**
 * The answer to what takes no time; the connection ends when it does not come.
 * @throws CliFailure (noConnection), Refusal
 */
export const withinPatience = async (
  client: RpcClient,
  answer: Promise<unknown>,
  where: string,
): Promise<unknown> => {
  const stuck = `Something is open at ${where}, but it does not answer. Is the server stuck? Restart it.`
  const timer = setTimeout(() => client.close(new CliFailure(exitCodes.noConnection, stuck)), answerPatience)
  try {
    return await answer
  } finally {
    clearTimeout(timer)
  }
}

const identify = async (client: RpcClient, io: CliIo, where: string): Promise<void> => {
  try {
    const answer = client.call('server.connection.identify', {
      client_name: 'moonkeeper-cli',
      version: io.version ?? '0',
      type: 'other',
      url: 'moonkeeper:cli',
    })
    await withinPatience(client, answer, where)
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    throw new CliFailure(
      exitCodes.failed,
      `The server at ${where} refuses this client: ${thrown.message}`,
      thrown,
    )
  }
}

/**
 * Connects, says who we are, does the work, and closes.
 * @throws CliFailure when there is no connection; what the work throws
 */
export const withServer = async <T>(
  io: CliIo,
  options: PlaceOptions,
  work: (client: RpcClient) => Promise<T>,
): Promise<T> => {
  const endpoint = await endpointOf(options, io)
  const client = await RpcClient.open(endpoint, io.signal)
  try {
    await identify(client, io, describe(endpoint))
    return await work(client)
  } finally {
    client.close()
  }
}
