/**
 * A result that was serialised before it is asked for. The doors put its text into the answer as it is,
 * so that a state that many clients poll costs one JSON.stringify a change instead of one a request.
 */
export class Serialized<T> {
  constructor(
    readonly value: T,
    readonly json: string,
  ) {}

  static of<T>(value: T): Serialized<T> {
    return new Serialized(value, JSON.stringify(value))
  }
}
