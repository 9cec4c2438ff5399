import { isUtf8 } from 'node:buffer'
import type { Connection } from '../contract/connection.js'
import type { AppContext } from '../methods/context.js'
import type { Dispatcher } from '../rpc/dispatcher.js'
import type { Log } from '../system/log.js'
import type { Subscribers } from './subscribers.js'

/** How long a door waits for its connections to end before it cuts them, in milliseconds. */
export const closingTime = 2000

/** What every door leads to. */
export interface Inside {
  readonly app: AppContext
  readonly dispatcher: Dispatcher
  readonly subscribers: Subscribers
  readonly log: Log
}

export interface Door {
  /** No new connections from here on; those that are open stay. */
  stopAccepting(): void
  /**
   * Lets the answers that are due go out, says goodbye and ends every connection; what comes in is not read any more.
   * Resolves when all are gone. What is not gone after 2 seconds is cut.
   */
  stop(): Promise<void>
}

/** @returns null when the bytes are no UTF-8 */
export const decodeUtf8 = (bytes: Buffer): string | null => (isUtf8(bytes) ? bytes.toString() : null)

/**
 * Answers one frame of a lasting connection. Frames are answered as they get ready, not in their order:
 * an update that runs for minutes must not hold up the next question.
 * compat: a frame that is no UTF-8 is silence.
 */
export const answerFrame = async (inside: Inside, connection: Connection, frame: Buffer): Promise<void> => {
  const text = decodeUtf8(frame)
  if (text === null) return
  const { app, dispatcher, log } = inside
  try {
    const { transport, caller } = connection
    const answer = await dispatcher.dispatch(text, { app, transport, connection, caller })
    if (answer !== null) connection.answer(answer)
  } catch (err) {
    log.error({ err, connection: connection.id }, 'A frame could not be answered')
  }
}
