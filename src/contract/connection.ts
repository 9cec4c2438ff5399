import type { Encoded } from './encoded.js'
import type { Caller } from './requester.js'
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
  /** Who is at the other end. */
  readonly caller: Caller
  /** False as soon as either side has said goodbye. */
  readonly isOpen: boolean
  /**
   * Sends what was not asked for, as one frame: nothing goes out while nobody is there who may enter.
   * A reader that is too slow is dropped by the transport.
   */
  send(text: Encoded): void
  /** Sends the answer to what came in on it, whoever that was. */
  answer(text: Encoded): void
  /** @param code WebSocket close code; a Unix socket just ends */
  close(code: number, reason: string): void
}
