import { MoonkeeperError } from '../contract/error.js'
import type { Clock } from '../system/clock.js'
import type { HttpAnswer } from '../system/http.js'

/** As Moonraker's status names them; null as long as nothing is known. */
export interface RateFigures {
  readonly github_rate_limit: number | null
  readonly github_requests_remaining: number | null
  /** Unix seconds. */
  readonly github_limit_reset_time: number | null
}

/** Milliseconds that are waited for, rather than to say that it cannot be done now. */
const patience = 20_000
/** GitHub's advice when it does not say how long. */
const unknownPause = 60_000
const longest = 60 * 60_000

const numberOf = (answer: HttpAnswer, name: string): number | null => {
  const text = answer.header(name) ?? ''
  return /^\d{1,12}$/.test(text) ? Number(text) : null
}

/** How many requests a forge still allows, and when it allows more. */
export class RateLimit {
  private limit: number | null = null
  private remaining: number | null = null
  private reset: number | null = null
  private until = 0

  constructor(
    private readonly host: string,
    private readonly clock: Clock,
  ) {}

  figures(): RateFigures {
    return {
      github_rate_limit: this.limit,
      github_requests_remaining: this.remaining,
      github_limit_reset_time: this.reset,
    }
  }

  /** Learns from an answer. @returns true when it says that there were too many requests */
  note(answer: HttpAnswer): boolean {
    this.limit = numberOf(answer, 'x-ratelimit-limit') ?? this.limit
    this.remaining = numberOf(answer, 'x-ratelimit-remaining') ?? this.remaining
    this.reset = numberOf(answer, 'x-ratelimit-reset') ?? this.reset
    if (!this.isRefusal(answer)) return false
    this.until = this.clock.now() + Math.min(this.pauseOf(answer), longest)
    return true
  }

  /**
   * Resolves when it may be asked (again): at once, or after a short wait.
   * @param refused the answer that said so just now; null when it is known from before
   * @throws rate_limited when that would take longer; the signal's reason
   */
  async pass(signal: AbortSignal | undefined, refused: Error | null = null): Promise<void> {
    const pause = this.until - this.clock.now()
    // Longer than the longest: this machine's clock was put back in the meantime.
    if (pause <= 0 || pause > longest) return
    if (pause > patience) throw this.refusal(refused, pause)
    await this.clock.wait(pause, signal)
  }

  refusal(refused: Error | null, pause = this.until - this.clock.now()): MoonkeeperError {
    const minutes = Math.max(1, Math.ceil(pause / 60_000))
    const when =
      this.reset === null ? '' : ` (${new Date(this.reset * 1000).toISOString().slice(11, 16)} UTC)`
    return new MoonkeeperError(
      'rate_limited',
      `${this.host} allows no more requests for now. Try again in ${minutes} minute${minutes === 1 ? '' : 's'}${when}. ` +
        'With a token it allows more.',
      refused,
    )
  }

  private isRefusal(answer: HttpAnswer): boolean {
    if (answer.status === 429) return true
    const spent = answer.header('x-ratelimit-remaining') === '0'
    return answer.status === 403 && (spent || answer.header('retry-after') !== null)
  }

  /** By the server's clock where it tells it: a board without a battery may think that it is another year. */
  private pauseOf(answer: HttpAnswer): number {
    const seconds = numberOf(answer, 'retry-after')
    if (seconds !== null) return seconds * 1000
    const reset = numberOf(answer, 'x-ratelimit-reset')
    if (reset === null) return unknownPause
    const there = Date.parse(answer.header('date') ?? '')
    const now = Number.isNaN(there) ? this.clock.now() : there
    return Math.max(0, reset * 1000 - now) + 1000
  }
}
