import { MoonkeeperError } from '../contract/error.js'
import { PartialFile } from '../system/partial-file.js'
import type { Files } from '../system/files.js'

/** A part of an image, of a client that goes on where it was cut. */
export interface Piece {
  /** The image that it goes on with; null: it is the first one. */
  readonly image: number | null
  /** Its first byte. */
  readonly start: number
  /** The byte behind its last one. */
  readonly end: number
}

export interface Upload {
  readonly content: AsyncIterable<Buffer>
  /** Bytes of the whole image that are announced; null when nothing is. */
  readonly size: number | null
  /** null: all of it comes now, and of what is cut nothing is kept. */
  readonly piece?: Piece | null
  readonly signal?: AbortSignal
}

/** What an upload must not be more than. */
export interface ArrivalLimits {
  readonly maxSize: number
  /** Told now and then how much came. @throws no_space */
  readonly room: () => Promise<void>
  readonly signal: AbortSignal
}

export const tooLarge = (limit: number): MoonkeeperError =>
  new MoonkeeperError(
    'too_large',
    `The image has more than the ${limit} bytes that 'max_image_size' allows. Nothing of it is kept.`,
  )

/** Nobody sends any more: what came may be the beginning. */
export class Cut extends MoonkeeperError {
  constructor(received: number, size: number | null, cause: unknown) {
    const all = size === null ? '' : ` of ${size}`
    const why = cause instanceof Error ? ` (${cause.message})` : ''
    super('refused', `The upload ended after ${received}${all} bytes${why}. Try again.`, cause)
  }
}

/** Bytes between two looks at the free space. */
const roomInterval = 16 * 1024 * 1024

/** An image on its way into a file, in one piece or in several. */
export class Arrival {
  private looked = 0

  private constructor(
    readonly id: number,
    readonly size: number | null,
    private readonly part: PartialFile,
  ) {}

  static async open(id: number, size: number | null, target: string, files: Files): Promise<Arrival> {
    return new Arrival(id, size, await PartialFile.open(target, `upload:${id}`, files))
  }

  get received(): number {
    return this.part.size
  }

  /** @throws upload_mismatch when the piece does not go on where the last one ended */
  check({ start, end }: Piece, size: number | null): void {
    if (start === this.received && end > start && size === this.size) return
    throw new MoonkeeperError(
      'upload_mismatch',
      `Of image ${this.id} ${this.received} of ${this.size ?? '?'} bytes are here: go on with byte ${this.received}.`,
    )
  }

  /** @param end where this must end; null: where the content does. @throws Cut, too_large, no_space; the signal's reason */
  async take(
    { content, signal }: Upload,
    end: number | null,
    limits: ArrivalLimits,
    told: () => void,
  ): Promise<void> {
    const stop = signal === undefined ? limits.signal : AbortSignal.any([signal, limits.signal])
    for await (const chunk of this.pieces(content)) {
      stop.throwIfAborted()
      await this.add(chunk, end, limits)
      told()
    }
    if (end !== null && this.received < end) throw new Cut(this.received, this.size, null)
  }

  /** @returns SHA-256 of all of it, in hexadecimal digits */
  async finish(): Promise<string> {
    const { digest } = this.part
    await this.part.finish()
    return digest
  }

  async drop(): Promise<void> {
    await this.part.drop()
  }

  private async *pieces(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of content) yield chunk
    } catch (thrown) {
      throw new Cut(this.received, this.size, thrown)
    }
  }

  private async add(chunk: Buffer, end: number | null, { maxSize, room }: ArrivalLimits): Promise<void> {
    const size = this.received + chunk.length
    if (size > maxSize) throw tooLarge(maxSize)
    if (end !== null && size > end)
      throw new MoonkeeperError('bad_argument', `More than the ${end} bytes came that were announced.`)
    if (this.received - this.looked >= roomInterval) {
      this.looked = this.received
      await room()
    }
    await this.part.write(chunk)
  }
}
