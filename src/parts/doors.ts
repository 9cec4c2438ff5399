import type { AppContext } from '../methods/context.js'
import { createDispatcher } from '../rpc/dispatcher.js'
import type { Log } from '../system/log.js'
import { bind, chooseAddress, urlOf } from '../transport/listener.js'
import type { Door, Inside } from '../transport/door.js'
import { openHttp } from '../transport/http.js'
import type { Subscribers } from '../transport/subscribers.js'
import { openUnixSocket } from '../transport/unix.js'
import { openWebSocket } from '../transport/websocket.js'

export interface DoorOptions {
  readonly host: string
  readonly port: number
  readonly maxConnections: number
  readonly unixSocket: string
  readonly version: string
}

export interface Doors {
  /** http://host:port */
  readonly address: string
  /** For server.info; null when `host` is served as it is. */
  readonly warning: string | null
  /** No new connections and requests. */
  stopAccepting(): void
  /** Lets answers that are due go out, says goodbye and ends every connection. */
  close(): Promise<void>
}

/** Connections besides WebSockets: requests of scripts and front ends, a few each. */
const httpConnections = 256

/** HTTP and WebSocket share a port. */
const openPort = async (inside: Inside, options: DoorOptions) => {
  const http = openHttp(inside, options.version)
  const websocket = openWebSocket(http.server, inside, { maxConnections: options.maxConnections })
  http.server.maxConnections = options.maxConnections + httpConnections
  const { host, warning } = chooseAddress(options.host)
  const address = urlOf(await bind(http.server, host, options.port))
  http.server.on('error', (err) => inside.log.warn({ err }, 'a connection could not be accepted'))
  return { address, warning, doors: [websocket, http] }
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
  log: Log,
): Promise<Doors> => {
  const inside = { app, dispatcher: createDispatcher(log), subscribers, log }
  const { address, warning, doors: onPort } = await openPort(inside, options)
  const unix = await openUnixSocket(options.unixSocket, inside).catch(async (thrown: unknown) => {
    await closeAll(onPort)
    throw thrown
  })
  const doors = [...onPort, unix]
  return {
    address,
    warning,
    stopAccepting: () => doors.forEach((door) => door.stopAccepting()),
    close: () => closeAll(doors),
  }
}
