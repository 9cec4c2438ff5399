import type { Log } from '../system/log.js'
import { asError } from './channel.js'

/** Who is called when something happens. One that throws disturbs nobody else. */
export class Listeners<Args extends readonly unknown[]> {
  readonly #all = new Set<(...args: Args) => void>()

  constructor(private readonly log: Pick<Log, 'warn'>) {}

  /** @returns ends the calls, of this registration only */
  add(listener: (...args: Args) => void): () => void {
    const entry = (...args: Args): void => listener(...args)
    this.#all.add(entry)
    return () => void this.#all.delete(entry)
  }

  call(...args: Args): void {
    for (const listener of [...this.#all]) this.#callOne(listener, args)
  }

  #callOne(listener: (...args: Args) => void, args: Args): void {
    try {
      listener(...args)
    } catch (error) {
      this.log.warn({ reason: asError(error).message }, "A listener to the printer's changes failed")
    }
  }
}
