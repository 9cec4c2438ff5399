import { apiKeyOf } from './api-key.js'
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

/** compat: the code of HTTP's 401. */
const unauthorized = -32602

const advice = ({ code }: Refusal, key: string | null): string => {
  if (code !== unauthorized) return ''
  if (key !== null) return '\nLook whether the key is the right one: it is renewed with access.post_api_key.'
  return '\nName a file that holds its API key with --api-key-file, or this machine in its trusted_clients.'
}

const identify = async (client: RpcClient, io: CliIo, where: string, key: string | null): Promise<void> => {
  try {
    const answer = client.call('server.connection.identify', {
      client_name: 'moonkeeper-cli',
      version: io.version ?? '0',
      type: 'other',
      url: 'moonkeeper:cli',
      ...(key === null ? {} : { api_key: key }),
    })
    await withinPatience(client, answer, where)
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    throw new CliFailure(
      exitCodes.failed,
      `The server at ${where} refuses this client: ${thrown.message}${advice(thrown, key)}`,
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
  const key = await apiKeyOf(options, io)
  const client = await RpcClient.open(endpoint, io.signal)
  try {
    await identify(client, io, describe(endpoint), key)
    return await work(client)
  } finally {
    client.close()
  }
}
