import type { AddressInfo } from 'node:net'
import type { AppContext } from './methods/context.js'
import { createDispatcher } from './rpc/dispatcher.js'
import type { Log } from './system/log.js'
import { bind, chooseAddress } from './transport/listener.js'
import type { Door, Farewell } from './transport/door.js'
import { openHttp } from './transport/http.js'
import type { Subscribers } from './transport/subscribers.js'
import { openUnixSocket } from './transport/unix.js'
import { openWebSocket } from './transport/websocket.js'

export interface DoorOptions {
  readonly host: string
  readonly port: number
  readonly maxConnections: number
  readonly unixSocket: string
  readonly version: string
}

export interface Doors {
  readonly address: AddressInfo
  /** For server.info; null when `host` is served as it is. */
  readonly warning: string | null
  /** No new connections and requests. */
  stopAccepting(): void
  /** Says goodbye and ends every connection. */
  close(farewell: Farewell): Promise<void>
}

/** Opens HTTP, WebSocket and the Unix socket on one application. @throws refused when the port is taken */
export const openDoors = async (
  app: AppContext,
  subscribers: Subscribers,
  options: DoorOptions,
  log: Log,
): Promise<Doors> => {
  const inside = { app, dispatcher: createDispatcher(log), subscribers, log }
  const http = openHttp(inside, options.version)
  const websocket = openWebSocket(http.server, inside, { maxConnections: options.maxConnections })
  const { host, warning } = chooseAddress(options.host)
  const address = await bind(http.server, host, options.port)
  const doors: Door[] = [websocket, http, await openUnixSocket(options.unixSocket, inside)]
  return {
    address,
    warning,
    stopAccepting: () => doors.forEach((door) => door.stopAccepting()),
    close: async (farewell) => {
      await Promise.all(doors.map((door) => door.stop(farewell)))
    },
  }
}
