import { createHash } from 'node:crypto'

/**
 * A result that was serialised before it is asked for. The doors put its text into the answer as it is,
 * so that a state that many clients poll costs one JSON.stringify, one encoding and one digest a change
 * instead of one a request.
 */
export class Serialized<T> {
  #bytes: Buffer | null = null
  #digest: string | null = null

  constructor(
    readonly value: T,
    readonly json: string,
  ) {}

  static of<T>(value: T): Serialized<T> {
    return new Serialized(value, JSON.stringify(value))
  }

  /** The text in UTF-8, made when it is first asked for. Not to be changed. */
  get bytes(): Buffer {
    return (this.#bytes ??= Buffer.from(this.json))
  }

  /** Names the text: equal texts have equal digests. */
  get digest(): string {
    return (this.#digest ??= createHash('sha1').update(this.bytes).digest('hex'))
  }
}
