export interface ConsoleEntry {
  readonly message: string
  /** Unix seconds. */
  readonly time: number
  readonly type: 'command' | 'response'
}

/** Characters of one entry: a script may be as long as a file. */
const longestMessage = 16 * 1024

/** Characters of all entries. */
const largestStore = 4 * 1024 * 1024

const shortened = (message: string): string =>
  message.length > longestMessage ? `${message.slice(0, longestMessage - 1)}…` : message

/** What was said on Klipper's console lately, by either side. */
export class GcodeStore {
  readonly #entries: ConsoleEntry[] = []
  #size = 0

  /**
   * @param most entries that are kept
   * @param now unix milliseconds
   */
  constructor(
    private readonly most: number,
    private readonly now: () => number,
  ) {}

  add(type: ConsoleEntry['type'], message: string): void {
    const entry = { message: shortened(message), time: this.now() / 1000, type }
    this.#entries.push(entry)
    this.#size += entry.message.length
    while (this.#entries.length > this.most || this.#size > largestStore)
      this.#size -= this.#entries.shift()?.message.length ?? 0
  }

  /** @param count the newest so many; compat: 0 is all of them, and below it so many of the oldest are left out */
  read(count: number | null): readonly ConsoleEntry[] {
    return count === null ? [...this.#entries] : this.#entries.slice(-count)
  }
}
