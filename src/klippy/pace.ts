/** Milliseconds: who restarts is back soon, and until then it is not known whether a print runs. */
const firstDelays = [0, 25, 50, 100, ...Array<number>(20).fill(250)]

/** A connection that was shorter than this many milliseconds was none that helped. */
const lasting = 2_000

/** How soon to try again: at first quickly, then at leisure, and quickly again after a connection that lasted. */
export class Pace {
  #tries = 0
  #since: number

  /**
   * @param leisure milliseconds between two tries, once the first ones are over
   * @param now milliseconds of a clock that nobody sets
   */
  constructor(
    private readonly leisure: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#since = now()
  }

  /**
   * Called when a connection ended or could not be made.
   * @param answered true when Klipper answered on it
   * @returns milliseconds until the next try
   */
  next(answered: boolean): number {
    const now = this.now()
    if (answered && now - this.#since >= lasting) this.#tries = 0
    const delay = Math.min(firstDelays[this.#tries] ?? this.leisure, this.leisure)
    this.#tries += 1
    this.#since = now + delay
    return delay
  }
}

/** True when the error of a connect means that no process listens there. */
export const isNobodyThere = (error: Error): boolean => {
  const { code, syscall } = error as NodeJS.ErrnoException
  return syscall === 'connect' && (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR')
}

/** True when the error of a connect means that this user may not. */
export const isLockedOut = (error: Error): boolean => {
  const { code, syscall } = error as NodeJS.ErrnoException
  return syscall === 'connect' && (code === 'EACCES' || code === 'EPERM')
}
