import type { Socket } from 'node:net'
import { FrameSplitter, frameEnd } from './frames.js'
import { asRecord, parseFrame } from './messages.js'

export interface ChannelLimits {
  /** Milliseconds Klipper may take to answer a request that has no limit of its own. */
  readonly requestLimitMs: number
  /** Bytes one frame from Klipper may have. */
  readonly frameLimitBytes: number
}

interface Pending {
  /** Never throws. */
  readonly answer: (frame: Readonly<Record<string, unknown>>) => void
  readonly fail: (error: Error) => void
}

/** Klipper answered, and said no. */
export class KlipperRefusal extends Error {
  override readonly name = 'KlipperRefusal'

  /** @param reason Klipper's own words */
  constructor(
    method: string,
    readonly reason: string,
  ) {
    super(`Klipper refused ${method}: ${reason}`)
  }
}

export const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new Error(String(reason))

/**
 * Requests and pushes over one socket, which may still be connecting. Whatever is wrong with it (a frame too long, no JSON, no answer in
 * time) ends the connection: there is one way to recover, and that is to connect anew.
 */
export class Channel {
  /** Resolves, never rejects, with the reason once the socket is closed, or never opened. */
  readonly ended: Promise<Error>
  readonly #pending = new Map<number, Pending>()
  readonly #frames: FrameSplitter
  #lastId = 0
  #reason = new Error('Klipper closed the connection')

  /** @param onPush what Klipper sends without being asked; called in the order of the wire */
  constructor(
    private readonly socket: Socket,
    private readonly limits: ChannelLimits,
    private readonly onPush: (method: string, params: unknown) => void,
  ) {
    this.#frames = new FrameSplitter(limits.frameLimitBytes)
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        for (const pending of this.#pending.values()) pending.fail(this.#reason)
        this.#pending.clear()
        resolve(this.#reason)
      })
    })
    socket.on('error', (error) => (this.#reason = error))
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
  }

  get open(): boolean {
    return !this.socket.destroyed
  }

  /** True from the moment that Klipper has accepted the connection. */
  get connected(): boolean {
    return this.open && !this.socket.connecting
  }

  /** What Klipper has not answered, and what it has not even read: bytes. */
  get backlog(): { readonly requests: number; readonly bytes: number } {
    return { requests: this.#pending.size, bytes: this.socket.writableLength }
  }

  /** Ends the connection; the first reason counts. */
  end(reason: Error): void {
    this.socket.destroy(reason)
  }

  /**
   * Asks Klipper. No answer in time ends the whole connection.
   * @param read reads the result. It runs before the next frame is looked at, so that what it notes is never
   * older than a push that came behind the answer.
   * @param limitMs milliseconds; null: a script may run for hours
   * @throws KlipperRefusal; Error when `read` throws, or the connection ends
   */
  request<T>(
    method: string,
    params: object,
    read: (result: unknown) => T,
    limitMs: number | null = this.limits.requestLimitMs,
  ): Promise<T> {
    if (!this.open) return Promise.reject(this.#reason)
    const id = (this.#lastId += 1)
    return new Promise((resolve, reject) => {
      const timer = limitMs === null ? undefined : this.#endIn(limitMs, method)
      const fail = (error: Error): void => {
        clearTimeout(timer)
        reject(error)
      }
      const answer: Pending['answer'] = (frame) => {
        clearTimeout(timer)
        try {
          if (!('result' in frame)) throw new KlipperRefusal(method, refusal(frame.error))
          resolve(read(frame.result))
        } catch (error) {
          reject(asError(error))
        }
      }
      this.#pending.set(id, { answer, fail })
      this.socket.write(JSON.stringify({ id, method, params }) + String.fromCharCode(frameEnd))
    })
  }

  #endIn(milliseconds: number, method: string): NodeJS.Timeout {
    const reason = `Klipper did not answer ${method} within ${milliseconds} ms`
    return setTimeout(() => this.end(new Error(reason)), milliseconds).unref()
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) if (this.open) this.#handle(frame.toString())
    } catch (error) {
      this.end(asError(error))
    }
  }

  #handle(text: string): void {
    const frame = parseFrame(text)
    if (typeof frame.method === 'string') return this.onPush(frame.method, frame.params)
    if (typeof frame.id !== 'number') return
    const pending = this.#pending.get(frame.id)
    this.#pending.delete(frame.id)
    pending?.answer(frame)
  }
}

const refusal = (error: unknown): string => {
  const message = typeof error === 'string' ? error : asRecord(error).message
  return typeof message === 'string' ? message : 'Malformed Klippy Response'
}
