/** One at a time, in the order of asking. */
export class Queue {
  private tail: Promise<unknown> = Promise.resolve()

  /** @param signal whoever waits goes, with its reason, when it is aborted before the turn has come */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    let begun = false
    const turn = this.tail.then(() => {
      signal?.throwIfAborted()
      begun = true
      return work()
    })
    this.tail = turn.catch(() => undefined)
    return signal === undefined ? turn : Promise.race([turn, leaving(signal, () => begun)])
  }

  /** Resolves when all that was asked for until now is over. */
  async drained(): Promise<void> {
    await this.tail
  }
}

/** Rejects when the signal is aborted before the turn has come; else it never settles. */
const leaving = (signal: AbortSignal, begun: () => boolean): Promise<never> =>
  new Promise((_resolve, reject) => {
    const leave = (): void => {
      if (!begun()) reject(signal.reason as Error)
    }
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
  })

/** A few at a time, in the order of asking. */
export class Slots {
  private readonly waiting: (() => void)[] = []

  constructor(private free: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1
    else await new Promise<void>((resolve) => this.waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.waiting.shift()
      if (next === undefined) this.free += 1
      else next()
    }
  }
}
