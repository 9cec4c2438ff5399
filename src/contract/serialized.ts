/**
 * A result that was serialised before it is asked for. The doors put its text into the answer as it is,
 * so that a state that many clients poll costs one JSON.stringify and one encoding a change
 * instead of one a request.
 */
export class Serialized<T> {
  #bytes: Buffer | null = null

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
}
