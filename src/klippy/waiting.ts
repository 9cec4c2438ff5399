import { asError } from './channel.js'

interface Waiter {
  readonly holds: () => boolean
  readonly settle: (held: boolean) => void
}

/** Those who wait for something to be true. */
export class Waiting {
  readonly #waiters = new Set<Waiter>()

  /**
   * @returns true as soon as the condition holds, at once when it does; false when it did not in time, or all were sent away
   * @throws the signal's reason when it is aborted
   */
  async until(holds: () => boolean, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    signal?.throwIfAborted()
    if (holds()) return true
    return new Promise((resolve, reject) => {
      const forget = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        this.#waiters.delete(waiter)
      }
      const settle = (held: boolean): void => {
        forget()
        resolve(held)
      }
      const onAbort = (): void => {
        forget()
        reject(asError(signal?.reason))
      }
      const waiter = { holds, settle }
      const timer = setTimeout(settle, timeoutMs, false)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiters.add(waiter)
    })
  }

  /** To be called when something changed. */
  look(): void {
    for (const { holds, settle } of [...this.#waiters]) if (holds()) settle(true)
  }

  sendAway(): void {
    for (const { settle } of [...this.#waiters]) settle(false)
  }
}
