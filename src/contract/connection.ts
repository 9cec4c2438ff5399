import type { Encoded } from './encoded.js'
import type { Transport } from './tables.js'

/** Who a client says it is (server.connection.identify). */
export interface Identity {
  readonly name: string
  readonly version: string
  readonly type: string
  readonly url: string
}

/** A lasting connection: a WebSocket or a Unix socket. HTTP requests have none. */
export interface Connection {
  /** Unique while the process lives. */
  readonly id: number
  readonly transport: Transport
  identity: Identity | null
  /** True when it asked for notify_update_job. */
  followsJobs: boolean
  /** Sends one text, as one frame. A reader that is too slow is dropped by the transport. */
  send(text: Encoded): void
  /** @param code WebSocket close code; a Unix socket just ends */
  close(code: number, reason: string): void
}
