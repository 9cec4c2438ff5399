/** One at a time, in the order of asking. */
export class Queue {
  private tail: Promise<unknown> = Promise.resolve()
  private waiting = 0

  /** True when nothing runs and nothing waits. */
  get idle(): boolean {
    return this.waiting === 0
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.waiting += 1
    const turn = this.tail.then(work)
    this.tail = turn.catch(() => undefined)
    try {
      return await turn
    } finally {
      this.waiting -= 1
    }
  }

  /** Resolves when all that was asked for until now is over. */
  async drained(): Promise<void> {
    await this.tail
  }
}

/** Runs work over items, a few at a time. */
export const inParallel = async <T>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const rest = [...items]
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
}
