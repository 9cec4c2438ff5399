/** Klipper ends every JSON document on its socket with this byte (its docs/API_Server.md). */
export const frameEnd = 0x03

/** Cuts what a socket delivers into frames, and refuses to hold more than a limit. */
export class FrameSplitter {
  #held: Buffer[] = []
  #bytes = 0

  /** @param limitBytes the longest frame that is accepted */
  constructor(private readonly limitBytes: number) {}

  /**
   * @returns the frames that are complete with this chunk, without their end byte, in the order they came
   * @throws RangeError when a frame, complete or not, is over the limit
   */
  push(chunk: Buffer): readonly Buffer[] {
    const frames: Buffer[] = []
    let start = 0
    for (let end = chunk.indexOf(frameEnd); end !== -1; end = chunk.indexOf(frameEnd, start)) {
      this.#hold(chunk.subarray(start, end))
      frames.push(Buffer.concat(this.#held))
      this.#held = []
      this.#bytes = 0
      start = end + 1
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start))
    return frames
  }

  #hold(piece: Buffer): void {
    this.#bytes += piece.length
    if (this.#bytes > this.limitBytes) throw new RangeError(`a frame is over ${this.limitBytes} bytes`)
    this.#held.push(piece)
  }
}
