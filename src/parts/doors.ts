import type { Configuration } from '../config/index.js'
import type { AppContext } from '../methods/context.js'
import { createDispatcher } from '../rpc/dispatcher.js'
import type { Dialect } from '../rpc/dialect.js'
import { systemFiles } from '../system/files.js'
import type { Log } from '../system/log.js'
import { bind, chooseAddress, urlOf } from '../transport/listener.js'
import type { Door, Inside } from '../transport/door.js'
import { openHttp } from '../transport/http.js'
import type { Subscribers } from '../transport/subscribers.js'
import { openUnixSocket } from '../transport/unix.js'
import { openWebSocket } from '../transport/websocket.js'
import type { Notices } from './notices.js'
import { SecurePort } from './secure-port.js'

export interface DoorOptions {
  readonly host: string
  readonly port: number
  /** Whether [authorization] says who may enter. */
  readonly authorized: boolean
  readonly tls: { readonly port: number; readonly certificate: string; readonly key: string }
  readonly maxConnections: number
  readonly unixSocket: string
  readonly version: string
  /** Stands before every path; empty for none. */
  readonly prefix: string
  readonly dialects: readonly Dialect[]
}

/** As configured when the daemon starts. */
export const doorOptionsFor = (
  { server, authorization, certificates }: Configuration,
  { unixSocket, version }: { readonly unixSocket: string; readonly version: string },
): Omit<DoorOptions, 'dialects'> => ({
  host: server.host,
  port: server.port,
  authorized: authorization.configured,
  tls: { port: server.ssl_port, ...certificates },
  maxConnections: server.max_websocket_connections,
  unixSocket,
  version,
  prefix: server.route_prefix ?? '',
})

export interface Doors {
  /** http://host:port */
  readonly address: string
  /** No new connections and requests. */
  stopAccepting(): void
  /** Lets answers that are due go out, says goodbye and ends every connection. */
  close(): Promise<void>
}

/** Connections besides WebSockets: requests of scripts and front ends, a few each. */
const httpConnections = 256

/** HTTP and WebSocket share a port, and another one with TLS. */
const openPort = async (inside: Inside, options: DoorOptions, notices: Notices) => {
  const http = openHttp(inside, options.version, options.prefix, options.dialects)
  const websocket = openWebSocket(http.server, inside, options)
  const maxConnections = options.maxConnections + httpConnections
  http.server.maxConnections = maxConnections
  const { host, warning } = chooseAddress(options.host, options.authorized)
  notices.set('host', ...(warning === null ? [] : [warning]))
  const address = urlOf(await bind(http.server, host, options.port))
  http.server.on('error', (err) => inside.log.warn({ err }, 'a connection could not be accepted'))
  const { port, certificate, key } = options.tls
  const tls = { host, port, plainPort: options.port, certificate, key, maxConnections }
  const secure = new SecurePort(http, websocket, tls, systemFiles, notices, inside.log)
  await secure.start()
  return { address, secure, doors: [websocket, http] }
}

const closeAll = async (doors: readonly Door[]): Promise<void> => {
  await Promise.all(doors.map((door) => door.stop()))
}

/**
 * Opens HTTP, WebSocket and the Unix socket on one application; all of them, or none.
 * @throws refused when the port or the socket cannot be had
 */
export const openDoors = async (
  app: AppContext,
  subscribers: Subscribers,
  options: DoorOptions,
  notices: Notices,
  log: Log,
): Promise<Doors> => {
  const inside = { app, dispatcher: createDispatcher(log), subscribers, log }
  const { address, secure, doors: onPort } = await openPort(inside, options, notices)
  const unix = await openUnixSocket(options.unixSocket, inside).catch(async (thrown: unknown) => {
    await secure.stop()
    await closeAll(onPort)
    throw thrown
  })
  const doors = [...onPort, unix]
  return {
    address,
    stopAccepting: () => doors.forEach((door) => door.stopAccepting()),
    close: async () => {
      await secure.stop()
      await closeAll(doors)
    },
  }
}
