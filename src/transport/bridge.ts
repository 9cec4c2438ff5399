import type { Socket } from 'node:net'
import { FrameSplitter, frameEnd } from '../klippy/frames.js'
import { textFrame } from './text-frame.js'

/** What the bridge needs of a WebSocket. */
export interface BridgeEnd {
  readonly readyState: number
  readonly OPEN: number
  close(code: number, reason: string): void
  terminate(): void
  ping(): void
  /** What has come is not read until resume(). */
  pause(): void
  resume(): void
}

/** Bytes that one side has not read yet, before nothing more is taken from the other. */
const unread = 1024 * 1024

/** Bytes: as for our own connection to Klipper. */
const longestFrame = 20 * 1024 * 1024

/** RFC 6455, 7.4.1. */
const goingAway = 1001
const policyViolation = 1008

const end = Buffer.from([frameEnd])

/**
 * A WebSocket that leads to Klipper's own socket: what Klipper streams (motion reports, accelerometers) is passed on as
 * it is, and never put together here. Whoever does not read holds up the other side, and nothing is kept for it.
 */
export class Bridge {
  readonly #frames = new FrameSplitter(longestFrame)
  #missedPings = 0

  /**
   * @param wire what is below the WebSocket
   * @param klipper a connection of its own
   * @param mayStay whether the client still may do everything
   */
  constructor(
    private readonly client: BridgeEnd,
    private readonly wire: Socket,
    private readonly klipper: Socket,
    private readonly mayStay: () => boolean,
  ) {
    klipper.on('data', (chunk: Buffer) => this.#forward(chunk))
    klipper.on('drain', () => client.resume())
    klipper.on('error', () => klipper.destroy())
    klipper.on('close', () => this.#close('Klippy Disconnected'))
    wire.on('drain', () => klipper.resume())
  }

  /** What the client sent, as one frame. */
  receive(frame: Buffer): void {
    if (this.klipper.destroyed || !this.#isAllowed()) return
    this.klipper.cork()
    this.klipper.write(frame)
    this.klipper.write(end)
    this.klipper.uncork()
    if (this.klipper.writableLength >= unread) this.client.pause()
  }

  /** The client is gone. */
  ended(): void {
    this.klipper.destroy()
  }

  ponged(): void {
    this.#missedPings = 0
  }

  beat(): void {
    if (!this.#isAllowed()) return
    if (this.#missedPings >= 2) return this.drop()
    this.#missedPings += 1
    this.client.ping()
  }

  leave(): void {
    this.#close('Server Shutdown')
  }

  drop(): void {
    this.client.terminate()
  }

  #forward(chunk: Buffer): void {
    let frames: readonly Buffer[]
    try {
      frames = this.#frames.push(chunk)
    } catch {
      // One without an end: there is no way back to where the next one begins.
      this.klipper.destroy()
      return
    }
    if (this.client.readyState !== this.client.OPEN || !this.#isAllowed()) return
    this.wire.cork()
    for (const frame of frames) for (const part of textFrame([frame])) this.wire.write(part)
    this.wire.uncork()
    if (this.wire.writableLength >= unread) this.klipper.pause()
  }

  /** Nothing goes either way for whoever logged out, or was deleted. */
  #isAllowed(): boolean {
    if (this.mayStay()) return true
    this.#close('Unauthorized', policyViolation)
    return false
  }

  #close(reason: string, code = goingAway): void {
    this.klipper.destroy()
    this.client.close(code, reason)
    // The other side's goodbye must be read.
    this.client.resume()
  }
}
