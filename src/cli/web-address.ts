import { apiKeyOf } from './api-key.js'
import type { CliIo } from './io.js'
import { CliFailure, exitCodes } from './io.js'
import type { PlaceOptions } from './place.js'
import { endpointOf } from './place.js'
import type { RpcClient } from './rpc-client.js'

/** Where files go to and come from: a socket of frames has no room for them. */
export interface WebAddress {
  /** http://host:port, and a prefix where there is one. */
  readonly base: string
  readonly headers: Readonly<Record<string, string>>
}

const keyHeader = (key: string | null): Readonly<Record<string, string>> =>
  key === null ? {} : { 'X-Api-Key': key }

interface ServerSection {
  readonly server?: { readonly port?: unknown; readonly route_prefix?: unknown }
}

/** On the machine itself, as its configuration says. Whoever may use the socket may have the key. */
const localAddress = async (client: RpcClient): Promise<WebAddress> => {
  const { config } = (await client.call('server.config', {})) as { readonly config?: ServerSection }
  const { port, route_prefix: prefix } = config?.server ?? {}
  if (typeof port !== 'number')
    throw new CliFailure(exitCodes.failed, 'The server does not say on which port it serves HTTP. Use --url.')
  const key = await client.call('access.get_api_key', {})
  const path = typeof prefix === 'string' && prefix !== '' ? `/${prefix.replace(/^\/+|\/+$/g, '')}` : ''
  return { base: `http://127.0.0.1:${port}${path}`, headers: keyHeader(typeof key === 'string' ? key : null) }
}

/** @throws CliFailure, Refusal */
export const webAddressOf = async (
  client: RpcClient,
  options: PlaceOptions,
  io: CliIo,
): Promise<WebAddress> => {
  const endpoint = await endpointOf(options, io)
  if (endpoint.kind === 'unix') return localAddress(client)
  const base = endpoint.url.replace(/^ws/, 'http').replace(/\/websocket$/, '')
  return { base, headers: keyHeader(await apiKeyOf(options, io)) }
}
